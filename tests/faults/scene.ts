import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerClient, NotAcceptedError, PendingError } from '@b2b-charge/client';
import {
  type CommandRequest,
  createSubjects,
  laneOf,
  type MessageId,
  type Outcome,
  type VendorId,
} from '@b2b-charge/contracts';
import { type Fleet, type FleetOptions, type FleetProcess, startFleet } from '@b2b-charge/stack';
import pg from 'pg';
import { migrate } from '../../scripts/migrate.ts';
import { waitFor } from '../harness.ts';

export const ROOT = path.join(import.meta.dirname, '../..');
export const LANES = 16;
export const PHONE = '+989121234567';
/** Of the ledger, unless configured otherwise. */
export const LEASE_MS = 5_000;
const WAIT_MS = 2_000;
const DEADLINE_MS = 8_000;
const PATIENCE_MS = 30_000;

/** One vendor per lane: the smallest id that hashes to it. */
export const VENDORS: readonly number[] = Array.from({ length: LANES }, (_, lane) => {
  for (let id = 1; ; id++) if (laneOf(id, LANES) === lane) return id;
});

/** Ledger processes with vendors on every lane, each with credit, and a client that sells straight over NATS. */
export interface Scene extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly db: pg.Pool;
  /** Sends until the outcome is known. */
  send(vendorId: number, key: string, command: CommandRequest): Promise<Outcome>;
  /** Sells one charge of 1.00 under a key of its own unless given; resolves with the outcome. */
  charge(vendorId: number, options?: { key?: string; phone?: string; amount?: string }): Promise<Outcome>;
  /** Lanes by the process that owns them. */
  lanesOf(member: FleetProcess): Promise<number[]>;
  /** Resolves when these processes share all lanes evenly. */
  shared(members: readonly FleetProcess[]): Promise<void>;
}

export async function startScene(options: Partial<FleetOptions> = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(await startFleet({ root: ROOT, migrate, services: { ledger: 2 }, ...options }));
  const db = new pg.Pool({ connectionString: fleet.databaseUrl, max: 3, connectionTimeoutMillis: 3_000 });
  db.on('error', () => {});
  stack.defer(() => db.end());
  const nc = await fleet.connect('gateway');
  stack.defer(() => nc.close());
  const client = stack.use(
    new LedgerClient({ nc, subjects: createSubjects(), source: 'gateway', clientId: 'faults', lanes: LANES }),
  );
  let next = 0;
  const send: Scene['send'] = async (vendorId, key, command) => {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const [vendor, messageId] = [vendorId as VendorId, key as MessageId];
        return await client.send({
          vendorId: vendor,
          messageId,
          command,
          waitMs: WAIT_MS,
          deadlineMs: DEADLINE_MS,
        });
      } catch (error) {
        // What is published while the connection breaks may be lost: who wants an outcome sends again under the key.
        if (!isDoubt(error) || Date.now() > giveUpAt) throw error;
        await sleep(50);
      }
    }
  };
  const scene: Omit<Scene, typeof Symbol.asyncDispose> = {
    fleet,
    db,
    send,
    charge: (vendorId, { key = `charge-${next++}`, phone = PHONE, amount = '1.00' } = {}) =>
      send(vendorId, key, { type: 'charge', phone_number: phone, amount }),
    lanesOf: ({ process }) => lanesOf(db, process.pid),
    shared: (members) =>
      waitFor(
        async () => {
          const owned = await Promise.all(members.map(({ process }) => lanesOf(db, process.pid)));
          return owned.every((lanes) => lanes.length === LANES / members.length);
        },
        2 * LEASE_MS + 5_000,
      ),
  };
  await scene.shared(fleet.of('ledger'));
  await Promise.all(
    VENDORS.map(async (vendorId) => {
      await send(vendorId, 'open', { type: 'open-vendor', name: `Vendor ${vendorId}` });
      await send(vendorId, 'credit', { type: 'credit', amount: '1000000.00' });
    }),
  );
  const disposal = stack.move();
  return { ...scene, [Symbol.asyncDispose]: () => disposal.disposeAsync() };
}

const isDoubt = (error: unknown): boolean =>
  error instanceof PendingError || error instanceof NotAcceptedError;

/** A process is named after its machine, its number and a random part. */
async function lanesOf(db: pg.Pool, pid: number | null): Promise<number[]> {
  const { rows } = await db.query<{ lane: number }>(
    `SELECT lane FROM ledger.lanes WHERE owner ~ ('-' || $1::text || '-[0-9a-f]+$') ORDER BY lane`,
    [pid],
  );
  return rows.map(({ lane }) => lane);
}

/** A steady trickle of charges over all lanes, and when each got its outcome. */
export class Trickle implements AsyncDisposable {
  readonly outcomes: { readonly vendorId: number; readonly atMs: number; readonly outcome: Outcome }[] = [];
  readonly failures: unknown[] = [];
  readonly #scene: Scene;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #number = 0;

  constructor(scene: Scene, everyMs: number) {
    this.#scene = scene;
    this.#running = this.#run(everyMs);
  }

  get sent(): number {
    return this.#number;
  }

  async #run(everyMs: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const vendorId = VENDORS[this.#number++ % VENDORS.length]!;
      const sale = this.#scene
        .charge(vendorId)
        .then(
          (outcome) => void this.outcomes.push({ vendorId, atMs: Date.now(), outcome }),
          (error) => void this.failures.push(error),
        )
        .finally(() => this.#underWay.delete(sale));
      this.#underWay.add(sale);
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when every lane has had this many outcomes since a moment; from the start unless told. */
  outcomesOnEachLane(count: number, afterMs = 0): Promise<void> {
    return waitFor(() => this.#timesByLane(afterMs).every((times) => times.length >= count), PATIENCE_MS);
  }

  /** Milliseconds from a moment until every lane has had an outcome again. */
  allAfter(atMs: number): number {
    const first = this.#timesByLane(atMs).map((times) => times[0] ?? Number.POSITIVE_INFINITY);
    return Math.max(...first) - atMs;
  }

  /** The longest time that any lane was without an outcome after a moment, up to its last one. */
  longestSilence(afterMs: number): number {
    const gaps = this.#timesByLane(afterMs).flatMap((times) =>
      times.map((atMs, index) => atMs - (times[index - 1] ?? afterMs)),
    );
    return Math.max(0, ...gaps);
  }

  #timesByLane(afterMs: number): number[][] {
    const after = this.outcomes.filter(({ atMs }) => atMs > afterMs);
    return VENDORS.map((id) => after.filter(({ vendorId }) => vendorId === id).map(({ atMs }) => atMs));
  }

  /** Stops sending, and waits until everything sent has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export interface Books {
  /** Broken links, changed content, gaps: by the database's own reading. */
  readonly breaks: number;
  /** Keys with more than one transaction. */
  readonly doubled: number;
  readonly lowest: string;
}

export async function booksOf(db: pg.Pool): Promise<Books> {
  const { rows } = await db.query<Books>(
    `SELECT (SELECT count(*)::int FROM ledger.chain_breaks) AS breaks,
       (SELECT count(*)::int FROM (SELECT FROM ledger.transactions GROUP BY vendor_id, message_id HAVING count(*) > 1) d) AS doubled,
       (SELECT min(balance_after)::text FROM ledger.transactions) AS lowest`,
  );
  return rows[0]!;
}

/** Figures belong into the output: a bound that holds says less than how far it is off. */
export const figure = (what: string, ms: number): void =>
  console.log(`      ${what}: ${(ms / 1_000).toFixed(2)} s`);
