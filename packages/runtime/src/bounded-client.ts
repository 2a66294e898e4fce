import { setImmediate as turn } from 'node:timers/promises';
import pg from 'pg';
import { isAtWork } from './is-at-work.ts';

/** A server owed an answer and was silent. TCP would have found out, too, a quarter of an hour later, and has this code for it. */
export class SilentDatabaseError extends Error {
  override name = 'SilentDatabaseError';
  readonly code = 'ETIMEDOUT';
  /** `silentSince` is by performance.now(). */
  constructor(silentSince: number) {
    const seconds = ((performance.now() - silentSince) / 1_000).toFixed(1);
    super(`the database owes an answer and has been silent for ${seconds} s`);
  }
}

export interface BoundedConfig extends pg.ClientConfig {
  /** Longest silence of a server that owes an answer; only a commit that waits for a synchronous replica may take longer. */
  readonly answerWithinMs: number;
  /** The server can be asked over another connection. Not behind a pooler or a balancer, where another one may answer. */
  readonly canBeAsked: boolean;
  /** Behind a pooler a name is another connection's, which has prepared nothing under it, or something else. */
  readonly namesStatements: boolean;
}

/** Who has been silent for this long is asked after, in milliseconds. */
const ASK_AFTER_MS = 5_000;
const JUST_NOW_MS = 1_000;
const FAREWELL_MS = 1_000;

/**
 * A connection whose server does not go on owing an answer in silence: it is broken off then, and whatever waits on it
 * rejects with SilentDatabaseError. Never is it used again, so no late answer is taken for another query's.
 */
export class BoundedClient extends pg.Client {
  readonly #config: BoundedConfig;
  readonly #lookAfterMs: number;
  #watch: NodeJS.Timeout | undefined;
  #silentSince = performance.now();

  constructor(config: BoundedConfig) {
    super(config);
    this.#config = config;
    this.#lookAfterMs = config.canBeAsked
      ? Math.min(ASK_AFTER_MS, config.answerWithinMs)
      : config.answerWithinMs;
    const { query, end } = this;
    this.query = ((...given: Parameters<typeof query>) => {
      this.#owed();
      return query.apply(this, config.namesStatements ? given : withoutName(given));
    }) as typeof query;
    this.end = ((...given: Parameters<typeof end>) => {
      // A server that is silent does not close its side.
      if (!this.#watch) setTimeout(() => this.connection.stream.destroy(), FAREWELL_MS).unref();
      return end.apply(this, given);
    }) as typeof end;
    this.once('connect', () => {
      this.#silentSince = performance.now();
      this.connection.stream.on('data', () => {
        this.#silentSince = performance.now();
        this.#watch?.refresh();
      });
    });
    this.on('drain', () => this.#unwatch());
    this.once('end', () => this.#unwatch());
  }

  /** Another connection's server fell silent: this one is broken off as well, unless it was heard just now, or is owed an answer. */
  doubt(error: SilentDatabaseError): void {
    if (!this.#watch && performance.now() - this.#silentSince > JUST_NOW_MS)
      this.connection.stream.destroy(error);
  }

  #owed(): void {
    if (this.#watch) return;
    this.#silentSince = performance.now();
    this.#watch = setTimeout(() => void this.#look(), this.#lookAfterMs).unref();
  }

  #unwatch(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  async #look(): Promise<void> {
    const since = this.#silentSince;
    // Where this process itself stood still, what came meanwhile is read first.
    await turn();
    if (this.#silentSince !== since || !this.#watch) return;
    const { canBeAsked, answerWithinMs } = this.#config;
    const { processID } = this as { processID?: number };
    const does = canBeAsked ? await isAtWork(this.#config, processID) : 'unknown';
    if (this.#silentSince !== since || !this.#watch) return;
    const overdue = performance.now() - since >= answerWithinMs;
    if (does === 'committing' || (does !== 'gone' && !overdue)) return void this.#watch.refresh();
    this.connection.stream.destroy(new SilentDatabaseError(since));
  }
}

function withoutName<A extends readonly unknown[]>(given: A): A {
  const { text, values } = given[0] as Partial<pg.QueryConfig>;
  return text === undefined ? given : ([{ text, values }, ...given.slice(1)] as unknown as A);
}
