import type pg from 'pg';

const EVERY_MS = 5_000;
/** A slower answer says too little: the error is half of the round trip. */
const LONGEST_ROUND_TRIP_MS = 1_000;

/**
 * Measures this process's clock against PostgreSQL's. The ledger decides by PostgreSQL's clock whether a deadline has
 * passed, and every process sets deadlines by its own. Between two measurements the monotonic clock stands in for
 * PostgreSQL's, so that a step of this machine's clock shows at once.
 */
export class ClockOffset implements Disposable {
  readonly #pool: Pick<pg.Pool, 'query'>;
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  /** Epoch ms of PostgreSQL at 0 of the monotonic clock. */
  #originMs: number;

  private constructor(pool: Pick<pg.Pool, 'query'>, limitMs: number, originMs: number) {
    this.#pool = pool;
    this.#limitMs = limitMs;
    this.#originMs = originMs;
    this.#timer = setInterval(() => void this.#measure(), EVERY_MS).unref();
  }

  /** Measures once before it returns. `limitMs`: largest offset at which this process may serve. Throws what the query throws. */
  static async start(pool: Pick<pg.Pool, 'query'>, limitMs: number): Promise<ClockOffset> {
    return new ClockOffset(pool, limitMs, (await readOrigin(pool)).originMs);
  }

  /** Milliseconds by which this process's clock is ahead of PostgreSQL's; negative if it is behind. */
  get offsetMs(): number {
    return Date.now() - (performance.now() + this.#originMs);
  }

  /** Null if the offset is within the limit; else what is wrong. */
  get trouble(): string | null {
    const offsetMs = Math.round(this.offsetMs);
    if (Math.abs(offsetMs) <= this.#limitMs) return null;
    const side = offsetMs > 0 ? 'ahead of' : 'behind';
    return `this process's clock is ${Math.abs(offsetMs)} ms ${side} PostgreSQL's, more than ${this.#limitMs} ms; set the clock`;
  }

  /** While PostgreSQL is unreachable the last measurement stands. */
  async #measure(): Promise<void> {
    const read = await readOrigin(this.#pool).catch(() => null);
    if (read && read.roundTripMs <= LONGEST_ROUND_TRIP_MS) this.#originMs = read.originMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

async function readOrigin(pool: Pick<pg.Pool, 'query'>): Promise<{ originMs: number; roundTripMs: number }> {
  const before = performance.now();
  const { rows } = await pool.query<{ at: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS at',
  );
  const after = performance.now();
  return { originMs: rows[0]!.at - (before + after) / 2, roundTripMs: after - before };
}
