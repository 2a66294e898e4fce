import type { Kysely } from 'kysely';
import type { BackofficeDatabase } from '../../db/schema.ts';
import { MAX_PASSWORD, type Operator, USERNAME } from '../operators/operator.ts';
import { findOperator, recordSignIn } from '../operators/operator-store.ts';
import { verifyPassword } from '../operators/passwords.ts';
import type { LockOut } from './lock-out.ts';

export type SignIn =
  | { readonly kind: 'ok'; readonly operator: Operator }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly waitMs: number };

/** Passwords verified at once: each takes 32 MiB at the default cost, and a core. */
const MAX_AT_ONCE = 2;
/** Longest queue for that; whoever comes then waits and tries again. */
const MAX_WAITING = 20;
const BUSY_MS = 5_000;

/** Checks a name and a password. A wrong name, a wrong password and a disabled operator look and cost the same. */
export class SignInDesk {
  readonly #db: Kysely<BackofficeDatabase>;
  readonly #lockOut: LockOut;
  readonly #passwordCost: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(db: Kysely<BackofficeDatabase>, lockOut: LockOut, passwordCost: number) {
    this.#db = db;
    this.#lockOut = lockOut;
    this.#passwordCost = passwordCost;
  }

  async signIn(given: { username: string; password: string; address: string }): Promise<SignIn> {
    const username = given.username.trim().toLowerCase();
    const known = USERNAME.test(username) ? await findOperator(this.#db, username) : null;
    // A new password begins a new count: that is the way out for someone whom others lock out.
    const name = `${username}:${known?.generation ?? 1}`;
    const waitMs = await this.#lockOut.attempt(name, given.address);
    if (waitMs > 0) return { kind: 'wait', waitMs };
    const stored = given.password.length > MAX_PASSWORD ? null : (known?.passwordHash ?? null);
    const password = given.password.slice(0, MAX_PASSWORD);
    const right = await this.#inTurn(() => verifyPassword(password, stored, this.#passwordCost));
    if (right === null) return { kind: 'wait', waitMs: BUSY_MS };
    if (!right || !known?.enabled) return { kind: 'wrong' };
    await this.#lockOut.succeeded(name, given.address);
    await recordSignIn(this.#db, known.id);
    return { kind: 'ok', operator: known };
  }

  /** Null if too many wait already. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
