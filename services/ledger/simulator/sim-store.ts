import type { VendorId } from '@b2b-charge/contracts';
import type { LogEntry } from '../src/domain/command.ts';
import type { VendorState } from '../src/domain/vendor-state.ts';
import type {
  CursorMove,
  LaneState,
  LaneTitle,
  LedgerStore,
  OpenBatch,
  Renewal,
} from '../src/process/ports.ts';
import { DeposedError, StoreUnavailableError } from '../src/store/errors.ts';
import { StoredCursors } from '../src/store/stored-cursors.ts';
import { VendorCache } from '../src/store/vendor-cache.ts';
import type { BatchWrites } from '../src/store/write-batch.ts';
import type { Database, LaneRow } from './database.ts';
import { LINE_FAULTS, StoreLine } from './store-line.ts';
import type { Machine, World } from './world.ts';

export const LEASE_MS = 1_000;
/** The server ends a transaction that waits for its client for longer than this. */
const IDLE_IN_TRANSACTION_MS = 400;

/** Commands with this amount make the database fail, whenever they are written. */
export const POISON = 66_600n;

/** A pause is worst while a batch is in hand. */
const BATCH_FAULTS = { ...LINE_FAULTS, paused: 0.012 };

/** What a process says of a lane that it holds, at the time at which it sends it. */
interface Held {
  readonly epoch: number;
  /** Where it put the cursor last. */
  readonly seq: number;
  readonly owner: string;
}

/** Whether a row is still as its owner knows it. */
export type Fence = (row: LaneRow, held: Held) => boolean;

const FENCE: Fence = (row, { epoch, seq, owner }) =>
  row.epoch === epoch && row.cursor.seq === seq && row.owner === owner;

/** LedgerStore of one ledger process on the simulated database: PgStore's statements, by what they do. */
export class SimStore implements LedgerStore {
  readonly #world: World;
  readonly #database: Database;
  readonly #machine: Machine;
  readonly #line: StoreLine;
  readonly #cache = new VendorCache();
  readonly #stored = new StoredCursors();
  readonly #fence: Fence;

  constructor(world: World, database: Database, machine: Machine, fence: Fence = FENCE) {
    this.#fence = fence;
    this.#world = world;
    this.#database = database;
    this.#machine = machine;
    this.#line = new StoreLine(world, database, machine);
  }

  connect(): Promise<void> {
    this.#cache.clear();
    this.#stored.clear();
    return this.#line.connect();
  }

  close = async (): Promise<void> => this.#line.close();
  /** The process died: the server notices now or in a while. */
  abandon = (): void => this.#line.abandon();

  openBatch(moves: readonly CursorMove[], entries: readonly LogEntry[]): Promise<OpenBatch> {
    const epochs = new Map(moves.map(({ lane, epoch }) => [lane, epoch]));
    const held = moves.map((move) => this.#heldAs(move));
    const cached = this.#cached(entries, epochs);
    return this.#line.ask('open batch', BATCH_FAULTS, (backend) => {
      const database = this.#database;
      const rows = moves.map(({ lane }) => database.lanes[lane]!);
      const mine = rows.filter((row, index) => this.#fence(row, held[index]!));
      if (mine.some(({ lockedBy }) => lockedBy)) return StoreLine.BLOCKED;
      const transaction = database.begin(backend, { moves, entries });
      for (const row of mine) database.lock(row, transaction);
      this.#world.after(IDLE_IN_TRANSACTION_MS, () => {
        if (backend.transaction !== transaction) return;
        this.#world.note('database: ends the idle transaction of', backend.client);
        database.disconnect(backend);
      });
      if (mine.length < moves.length) throw new DeposedError('a lane of the batch has a new owner');
      const read = database.books.knowledge(entries, database.nowMs);
      const commit = async (writes: BatchWrites) => {
        await this.#commit(writes);
        this.#stored.put(moves);
        this.#keep(writes.vendors, entries, epochs);
      };
      return { knowledge: { ...read, vendors: new Map([...read.vendors, ...cached]) }, commit };
    });
  }

  /** As PgStore does: states committed under an epoch that still stands need not be read again. */
  #cached(entries: readonly LogEntry[], epochs: ReadonlyMap<number, number>): Map<VendorId, VendorState> {
    const states = new Map<VendorId, VendorState>();
    for (const entry of entries) {
      if (entry.kind !== 'command') continue;
      const state = this.#cache.get(entry.vendorId, epochs.get(entry.lane)!);
      if (state) states.set(entry.vendorId, state);
    }
    return states;
  }

  #keep(
    states: readonly VendorState[],
    entries: readonly LogEntry[],
    epochs: ReadonlyMap<number, number>,
  ): void {
    for (const state of states) {
      const { lane } = entries.find(
        (entry) => entry.kind === 'command' && entry.vendorId === state.vendorId,
      )!;
      this.#cache.put(state, epochs.get(lane)!);
    }
  }

  #commit(writes: BatchWrites): Promise<void> {
    return this.#line.ask('commit', { ...BATCH_FAULTS, refuse: 0.01 }, (backend) => {
      if (!backend.transaction) throw new StoreUnavailableError('the batch was rolled back');
      const seqs = backend.transaction.entries.map(({ lane, streamSeq }) => `${lane}:${streamSeq}`);
      if (writes.transactions.some(({ amount }) => amount === POISON)) {
        this.#database.end(backend);
        throw new Error('the database chokes on this command');
      }
      this.#database.commit(backend, writes, LEASE_MS);
      this.#world.note('database: committed', writes.transactions.length, 'of', this.#machine.name, seqs);
    });
  }

  rollback(): Promise<void> {
    this.#cache.clear();
    return this.#line.ask('rollback', LINE_FAULTS, (backend) => this.#database.end(backend));
  }

  renew(states: readonly LaneState[]): Promise<Renewal> {
    const held = states.map((state) => this.#heldAs(state));
    const answer = this.#line.ask('renew', LINE_FAULTS, () => {
      const { nowMs, leases } = this.#database;
      leases.set(this.#machine.name, nowMs + LEASE_MS);
      const renewed = this.#owned(states, held);
      for (const { row, state } of renewed) {
        row.leaseUntilMs = nowMs + LEASE_MS;
        this.#take(row, state);
      }
      const processes = [...leases.values()].filter((untilMs) => untilMs > nowMs).length;
      return { lanes: new Set(renewed.map(({ row }) => row.lane)), processes };
    });
    return answer.then((renewal) => {
      this.#stored.put(states.filter(({ lane }) => renewal.lanes.has(lane)));
      return renewal;
    });
  }

  claim(atMost: number, held: readonly number[]): Promise<LaneTitle[]> {
    const answer = this.#line.ask('claim', LINE_FAULTS, () => {
      const { nowMs, lanes, titleOf } = this.#database;
      const { name } = this.#machine;
      const free = lanes.filter(
        ({ lane, owner, leaseUntilMs, lockedBy }) =>
          !lockedBy && !held.includes(lane) && (owner === null || owner === name || leaseUntilMs < nowMs),
      );
      return free.slice(0, atMost).map((row) => {
        row.epoch++;
        row.owner = name;
        row.leaseUntilMs = nowMs + LEASE_MS;
        this.#world.note(name, 'claims lane', row.lane, 'under epoch', row.epoch, 'at', row.cursor);
        return titleOf(row);
      });
    });
    return answer.then((titles) => {
      if (titles.length > 0) this.#cache.clear();
      this.#stored.put(titles);
      return titles;
    });
  }

  release(states: readonly LaneState[]): Promise<void> {
    const held = states.map((state) => this.#heldAs(state));
    return this.#line.ask('release', LINE_FAULTS, () => {
      for (const { row, state } of this.#owned(states, held)) {
        this.#take(row, state);
        row.epoch++;
        row.owner = null;
        row.leaseUntilMs = 0;
      }
    });
  }

  leave(): Promise<void> {
    return this.#line.ask('leave', LINE_FAULTS, () => {
      this.#database.leases.delete(this.#machine.name);
    });
  }

  raiseStreamEpoch(lane: number, epoch: number, announcedToMs: number): Promise<LaneTitle> {
    const held = this.#heldAs({ lane, epoch });
    const answer = this.#line.ask('raise stream epoch', LINE_FAULTS, () => {
      const row = this.#database.lanes[lane]!;
      if (!this.#fence(row, held)) throw new DeposedError(`lane ${lane} has a new owner`);
      row.streamEpoch++;
      row.cursor = { seq: 0, messageId: null, timeMs: null };
      const atMs = row.published.atMs === null ? null : Math.min(row.published.atMs, announcedToMs);
      row.published = { streamEpoch: 1, streamSeq: 0, atMs };
      return this.#database.titleOf(row);
    });
    return answer.then((title) => {
      this.#stored.put([title]);
      return title;
    });
  }

  #heldAs({ lane, epoch }: { readonly lane: number; readonly epoch: number }): Held {
    return {
      epoch,
      seq: this.#stored.of(lane),
      owner: this.#machine.name,
    };
  }

  /** The rows that are as their owner knows them. */
  #owned(states: readonly LaneState[], held: readonly Held[]): { row: LaneRow; state: LaneState }[] {
    return states
      .map((state, index) => ({ state, held: held[index]!, row: this.#database.lanes[state.lane]! }))
      .filter((one) => this.#fence(one.row, one.held));
  }

  #take(row: LaneRow, { cursor, published }: LaneState): void {
    this.#database.advance(row, cursor);
    this.#database.publishedTo(row, published);
  }
}
