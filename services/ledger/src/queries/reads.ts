import {
  CallError,
  createPool,
  type Logger,
  type Queryable,
  replicaLag,
  type Standing,
  standingOf,
  walPoint,
} from '@b2b-charge/runtime';
import type pg from 'pg';
import { Gathered } from './gathered.ts';

/** Where a query may be answered that only looks. */
export interface Reads {
  read<T>(query: (db: Queryable) => Promise<T>): Promise<T>;
}

/** The replica, or why it was the primary. */
export type AnsweredBy = 'replica' | 'unreachable' | 'failed' | Exclude<Standing, 'replayed'>;
export const ANSWERED_BY: readonly AnsweredBy[] = [
  ...(['replica', 'unreachable', 'failed', 'lagging', 'promoted', 'other-timeline'] as const),
];

type Answer<T> = { by: 'replica'; value: T } | { by: Exclude<AnsweredBy, 'replica'> };

/** A replica that is away is asked again so often. */
const RETRY_MS = 1_000;
/** Longest that it may be silent over and above the wait. Its log may be behind, but not its answers. */
const SILENCE_MS = 500;

interface Options {
  readonly primary: pg.Pool;
  readonly url: string;
  readonly connections: number;
  readonly statementTimeoutMs: number;
  /** How long a query waits for the replica to get as far as the primary was when the query came. */
  readonly waitMs: number;
  readonly log: Logger;
  observe(by: AnsweredBy): void;
}

/**
 * Queries go to a replica as long as what they read there is not older than what the primary had committed when they
 * came; else to the primary (docs/adr/0014).
 */
export class ReplicaReads implements Reads, AsyncDisposable {
  readonly #options: Options;
  #pool: pg.Pool;
  readonly #point: Gathered<Awaited<ReturnType<typeof walPoint>>>;
  #retry: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(options: Options) {
    this.#options = options;
    this.#pool = open(options);
    this.#point = new Gathered(() => walPoint(options.primary));
  }

  /** Null while the replica is away; rejects when it, or the primary, turns out to be. */
  async lagBytes(): Promise<number | null> {
    return this.#retry ? null : replicaLag(this.#options.primary, this.#pool);
  }

  async read<T>(query: (db: Queryable) => Promise<T>): Promise<T> {
    const point = this.#retry ? null : await this.#point.ask();
    const answer: Answer<T> = point ? await this.#ask(query, point) : { by: 'unreachable' };
    this.#options.observe(answer.by);
    return answer.by === 'replica' ? answer.value : query(this.#options.primary);
  }

  async #ask<T>(
    query: (db: Queryable) => Promise<T>,
    point: Awaited<ReturnType<typeof walPoint>>,
  ): Promise<Answer<T>> {
    const { waitMs, statementTimeoutMs } = this.#options;
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      this.#rest(error);
      return { by: 'unreachable' };
    }
    let broken: Error | undefined;
    try {
      const standing = await within(standingOf(client, point, waitMs), waitMs + SILENCE_MS);
      if (standing !== 'replayed') return { by: standing };
      return { by: 'replica', value: await within(query(client), statementTimeoutMs + SILENCE_MS) };
    } catch (error) {
      // A refusal is an answer too.
      if (error instanceof CallError) throw error;
      broken = error as Error;
      // It took too long: that is an answer, and the primary would be as slow.
      if (codeOf(error) === '57014') throw error;
      // Of one that cancels what its replay stands against, the next query may be answered all the same.
      if (!/^40/.test(codeOf(error))) this.#rest(error);
      return { by: 'failed' };
    } finally {
      client.release(broken);
    }
  }

  /** Nobody else has to find out that it is away. */
  #rest(error: unknown): void {
    if (this.#retry || this.#ended) return;
    this.#options.log.warn({ err: error }, 'the replica does not answer: queries go to the primary');
    // Those that are open may be dead without knowing it.
    void this.#pool.end().catch(() => {});
    this.#pool = open(this.#options);
    const again = (): void => {
      this.#retry = setTimeout(async () => {
        const back = await this.#answers();
        if (this.#ended) return;
        if (!back) return again();
        this.#retry = null;
        this.#options.log.info('the replica answers again');
      }, RETRY_MS);
    };
    again();
  }

  async #answers(): Promise<boolean> {
    const client = await this.#pool.connect().catch(() => null);
    if (!client) return false;
    const broken = await within(client.query('SELECT'), SILENCE_MS).then(
      () => undefined,
      (error: Error) => error,
    );
    client.release(broken);
    return broken === undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retry ?? undefined);
    await this.#pool.end();
  }
}

const open = ({ url, connections, statementTimeoutMs }: Options): pg.Pool =>
  createPool({
    url,
    applicationName: 'ledger-replica-queries',
    max: connections,
    statementTimeoutMs,
    connectTimeoutMs: SILENCE_MS,
    balanced: true,
  });

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(new Error(`silent for ${ms} ms`)), ms);
  answer.catch(() => {}); // of one that fails after that
  try {
    return await Promise.race([answer, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
