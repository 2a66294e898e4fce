import pg from 'pg';
import { eraseNumber } from '../../scripts/erase/erase-number.ts';
import { documented } from './documented.ts';
import type { Operator } from './operator.ts';

const EVERY = 10;

/** Numbers that were erased while clients sold, in E.164 form. */
export class Erasures {
  readonly numbers = new Set<string>();
  readonly #db: pg.Pool;
  readonly #env: NodeJS.ProcessEnv;

  readonly #most: number;

  /** `env` is that of `b2b erase`; at most so many numbers are erased at a time, because each reads whole tables. */
  constructor(db: pg.Pool, env: NodeJS.ProcessEnv, most: number) {
    this.#db = db;
    this.#env = env;
    this.#most = most;
  }

  /** Erases every tenth number that was sold to: the first by the documented line, the others as it does. */
  async eraseEveryTenth(follow: Operator['follow']): Promise<void> {
    const { rows } = await this.#db.query<{ number: string }>(
      `SELECT number FROM (
         SELECT phone_number AS number, row_number() OVER (ORDER BY phone_number) AS place
         FROM ledger.transactions WHERE phone_number IS NOT NULL GROUP BY phone_number) numbers
       WHERE place % $1 = 1 ORDER BY number LIMIT $2`,
      [EVERY, this.#most],
    );
    const [first, ...others] = rows.map(({ number }) => number);
    if (first === undefined) throw new Error('nothing was sold yet');
    const line = documented('npx b2b erase', { '+989121234567': first });
    await follow(line, 0, 'erased', this.#env);
    this.numbers.add(first);
    await this.#erase(others);
    for (const number of others) this.numbers.add(number);
  }

  /** As the document says, after a restore to a time before some of the erasures. Returns what is wrong. */
  async eraseAgain(): Promise<string[]> {
    await this.#erase([...this.numbers]);
    return (await this.#stillHeld()) > 0 ? ['rows hold a number that was erased again'] : [];
  }

  async #erase(numbers: readonly string[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.#env.DATABASE_URL, application_name: 'erase' });
    await client.connect();
    // Hundreds of numbers take a commit each for every table.
    await client.query('SET synchronous_commit = off');
    try {
      for (const e164 of numbers) {
        const number = { e164, national: e164.slice('+98'.length) };
        const erasure = { number, reason: 'asked for', by: 'drill', nowMs: Date.now(), progress() {} };
        await eraseNumber(client, erasure);
      }
    } finally {
      await client.end();
    }
  }

  /** Rows of transactions that hold an erased number. */
  async #stillHeld(): Promise<number> {
    const { rows } = await this.#db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM ledger.transactions WHERE phone_number = ANY ($1)',
      [[...this.numbers]],
    );
    return rows[0]!.n;
  }
}
