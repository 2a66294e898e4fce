import { BoundedClient, type BoundedConfig, clientConfig, type PoolOptions } from '@b2b-charge/runtime';
import type pg from 'pg';
import { StoreUnavailableError, sortError } from './errors.ts';

export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * A paused owner must not hold its lanes' rows for long: `idleInTransactionTimeoutMs`. Whoever holds a lock lets go one day,
 * and no command is at fault: a lock's time-out is below a statement's, so that it is told apart.
 */
export type WriterOptions = Omit<PoolOptions, 'max'>;

/**
 * The ledger's one writing connection. Statements are prepared (unless it is pooled) and pipelined: they go out as they are called, the
 * database answers in that order. Its owner does one thing at a time with it.
 */
export class Writer {
  readonly #options: WriterOptions;
  #client: BoundedClient | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Behind a pooler the next transaction may be another connection's, which does not know what this one has prepared. */
  get prepares(): boolean {
    return !this.#options.pooled;
  }

  /** Throws StoreUnavailableError. */
  async connect(): Promise<void> {
    await this.close();
    const client = new BoundedClient({ ...clientConfig(this.#options), pipeline: true } as BoundedConfig);
    const forget = () => {
      if (this.#client === client) this.#client = null;
    };
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
    } catch (error) {
      throw new StoreUnavailableError('cannot connect to the database', { cause: error });
    }
    this.#client = client;
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  /** Sends a prepared statement at once. Throws what sortError makes of pg's error. */
  async query<R extends pg.QueryResultRow>(
    statement: Statement,
    values: unknown[] = [],
  ): Promise<pg.QueryResult<R>> {
    if (!this.#client) throw new StoreUnavailableError('not connected to the database');
    try {
      return await this.#client.query<R>({ ...statement, values });
    } catch (error) {
      throw sortError(error);
    }
  }

  /** What is sent by `send`, without waiting in between, leaves as one packet. */
  together<T>(send: () => T): T {
    const stream = this.#client?.connection.stream;
    stream?.cork();
    try {
      return send();
    } finally {
      stream?.uncork();
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }
}
