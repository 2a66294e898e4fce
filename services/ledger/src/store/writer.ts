import pg from 'pg';
import { StoreUnavailableError, sortError } from './errors.ts';

export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface WriterOptions {
  readonly url: string;
  readonly applicationName: string;
  /** A paused owner must not hold its lanes' rows for longer than this. */
  readonly idleInTransactionMs: number;
  readonly statementTimeoutMs: number;
}

/**
 * The ledger's one writing connection. Statements are prepared and pipelined: they go out as they are called, the
 * database answers in that order. Its owner does one thing at a time with it.
 */
export class Writer {
  readonly #options: WriterOptions;
  #client: pg.Client | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Throws StoreUnavailableError. */
  async connect(): Promise<void> {
    await this.close();
    const { url, applicationName, idleInTransactionMs, statementTimeoutMs } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      statement_timeout: statementTimeoutMs,
      // Shorter, so that it is told apart: whoever holds a lock lets go one day, and no command is at fault.
      lock_timeout: Math.ceil(statementTimeoutMs / 2),
      idle_in_transaction_session_timeout: idleInTransactionMs,
      keepAlive: true,
      pipeline: true,
    });
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
      return await this.#client.query<R>({ name: statement.name, text: statement.text, values });
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
