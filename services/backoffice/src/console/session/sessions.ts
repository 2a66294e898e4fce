import { hash, randomBytes } from 'node:crypto';
import type { Seal } from '@b2b-charge/http/seal';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const stored = z.object({
  operatorId: z.int(),
  generation: z.int(),
  /** Of this session's forms; it stays when the id is renewed. */
  csrf: z.string(),
  startedAtMs: z.number(),
  renewedAtMs: z.number(),
  /** Set in an id that was renewed: it serves what is under way for a moment. */
  replaced: z.boolean(),
});
export type Session = z.infer<typeof stored>;

interface SessionsOptions {
  readonly redis: Redis;
  readonly seal: Seal;
  readonly prefix: string;
  /** Unused for so long, a session ends. */
  readonly idleMs: number;
  /** And in any case after this. */
  readonly maxMs: number;
  now(): number;
}

/** A session gets another id this often, so that a stolen one is soon worth nothing. */
const RENEW_MS = 15 * 60_000;
/** Requests that left the browser before the new id arrived. */
const REPLACED_MS = 30_000;
const ID = /^[\w-]{43}$/;

const secret = () => randomBytes(32).toString('base64url');

/**
 * Sessions in Redis, by the hash of their id and under a seal: read access to Redis takes over none of them, and write
 * access makes none. A session that does not open, or has another shape, counts as absent.
 */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  #key = (id: string) => `${this.#options.prefix}console:session:${hash('sha256', id, 'base64url')}`;

  /** Begins a session; its id is in this answer and in the browser, nowhere else. */
  async begin(operator: { id: number; generation: number }): Promise<{ id: string; session: Session }> {
    const now = this.#options.now();
    const session: Session = {
      operatorId: operator.id,
      generation: operator.generation,
      csrf: secret(),
      startedAtMs: now,
      renewedAtMs: now,
      replaced: false,
    };
    return { id: await this.#store(secret(), session), session };
  }

  /** The living session of an id, used once more; `renewedId` is the one to use from now on, if it is another. */
  async use(id: string): Promise<{ session: Session; renewedId: string | null } | null> {
    if (!ID.test(id)) return null;
    const { redis, now } = this.#options;
    const session = await this.#read(id);
    if (session === null || this.#leftMs(session) <= 0) return null;
    if (session.replaced) return { session, renewedId: null };
    if (now() - session.renewedAtMs < RENEW_MS) {
      await redis.pexpire(this.#key(id), this.#leftMs(session));
      return { session, renewedId: null };
    }
    const renewed = { ...session, renewedAtMs: now() };
    const renewedId = await this.#store(secret(), renewed);
    await this.#write(id, { ...session, replaced: true }, REPLACED_MS);
    return { session: renewed, renewedId };
  }

  async end(id: string): Promise<void> {
    if (ID.test(id)) await this.#options.redis.del(this.#key(id));
  }

  async #store(id: string, session: Session): Promise<string> {
    await this.#write(id, session, this.#leftMs(session));
    return id;
  }

  async #read(id: string): Promise<Session | null> {
    const { redis, seal } = this.#options;
    const [sealed] = await redis.mget(this.#key(id));
    const text = sealed == null ? null : seal.open(this.#key(id), sealed);
    return text === null ? null : (stored.safeParse(JSON.parse(text)).data ?? null);
  }

  async #write(id: string, session: Session, ms: number): Promise<void> {
    const { redis, seal } = this.#options;
    await redis.set(this.#key(id), seal.close(this.#key(id), JSON.stringify(session)), 'PX', ms);
  }

  #leftMs({ startedAtMs }: Session): number {
    const { idleMs, maxMs, now } = this.#options;
    return Math.ceil(Math.min(idleMs, startedAtMs + maxMs - now()));
  }
}
