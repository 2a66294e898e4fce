import type { VendorId } from '@b2b-charge/contracts';
import type { LogEntry } from '../domain/command.ts';
import type { BatchKnowledge } from '../domain/decide-batch.ts';
import type { VendorState } from '../domain/vendor-state.ts';
import type { CursorMove, LaneState, LaneTitle, LedgerStore, OpenBatch, Renewal } from '../process/ports.ts';
import { plainArray, textArray } from './array-literals.ts';
import { DeposedError, StoreUnavailableError } from './errors.ts';
import * as lanes from './lane-statements.ts';
import { loadBatch } from './load-batch.ts';
import { StoredCursors } from './stored-cursors.ts';
import { type TitleRow, toTitle } from './title-rows.ts';
import { VendorCache } from './vendor-cache.ts';
import { type BatchWrites, writeBatch } from './write-batch.ts';
import { type Statement, Writer, type WriterOptions } from './writer.ts';

const BEGIN: Statement = { name: 'begin', text: 'BEGIN' };
const COMMIT: Statement = { name: 'commit', text: 'COMMIT' };
const ROLLBACK: Statement = { name: 'rollback', text: 'ROLLBACK' };
const DISCARD_PLANS: Statement = { name: 'discard-plans', text: 'DISCARD PLANS' };

/**
 * Rows after which the connection's plans are made anew, and again at twice as many: a plan for an empty table reads it
 * from end to end, and is kept until the first ANALYZE, by which time the table may hold half a million rows.
 */
const REPLAN_AFTER_ROWS = 500;

export interface PgStoreOptions extends WriterOptions {
  readonly processId: string;
  readonly lanes: number;
  readonly leaseMs: number;
  /** Told how long PostgreSQL took to write and commit a batch, in seconds. */
  onCommit?(seconds: number): void;
}

/** LedgerStore on PostgreSQL: one writing connection, two round trips per batch. */
export class PgStore implements LedgerStore {
  readonly #options: PgStoreOptions;
  readonly #writer: Writer;
  readonly #cache = new VendorCache();
  readonly #stored = new StoredCursors();
  #written = 0;
  #replanAt = REPLAN_AFTER_ROWS;

  constructor(options: PgStoreOptions) {
    this.#options = options;
    this.#writer = new Writer(options);
  }

  async connect(): Promise<void> {
    this.#cache.clear();
    this.#stored.clear();
    this.#written = 0;
    this.#replanAt = REPLAN_AFTER_ROWS;
    await this.#writer.connect();
  }

  get cacheCounts(): VendorCache['counts'] {
    return this.#cache.counts;
  }

  close = (): Promise<void> => this.#writer.close();

  async openBatch(moves: readonly CursorMove[], entries: readonly LogEntry[]): Promise<OpenBatch> {
    const epochs = new Map(moves.map(({ lane, epoch }) => [lane, epoch]));
    const cached = this.#cached(entries, epochs);
    const sent = this.#writer.together(
      () =>
        [
          this.#writer.query(BEGIN),
          this.#moveCursors(moves),
          loadBatch(this.#writer, entries, cached),
        ] as const,
    );
    // All three are under way; wait for each, so that none is left to reject unheard.
    const [, cursors, knowledge] = await Promise.allSettled(sent);
    if (cursors.status === 'rejected') throw cursors.reason;
    if (knowledge.status === 'rejected') throw knowledge.reason;
    if (cursors.value.moved !== moves.length)
      throw new DeposedError('a lane of the batch has a new owner, or the database went back');
    const known = { ...knowledge.value, nowMs: cursors.value.nowMs };
    const laneOf = new Map(
      entries.map((entry) => [entry.kind === 'command' ? entry.vendorId : 0, entry.lane]),
    );
    return {
      knowledge: known,
      commit: async (writes) => {
        await this.#commit(known, writes);
        this.#stored.put(moves);
        for (const state of writes.vendors) this.#cache.put(state, epochs.get(laneOf.get(state.vendorId)!)!);
      },
    };
  }

  #cached(entries: readonly LogEntry[], epochs: ReadonlyMap<number, number>): Map<VendorId, VendorState> {
    const states = new Map<VendorId, VendorState>();
    for (const entry of entries) {
      if (entry.kind !== 'command' || states.has(entry.vendorId)) continue;
      const state = this.#cache.get(entry.vendorId, epochs.get(entry.lane)!);
      if (state) states.set(entry.vendorId, state);
    }
    return states;
  }

  async #commit({ vendors }: BatchKnowledge, writes: BatchWrites): Promise<void> {
    const startedAt = performance.now();
    const sent = this.#writer.together(
      () => [writeBatch(this.#writer, writes, vendors), this.#writer.query(COMMIT)] as const,
    );
    const [writeResult, commitResult] = await Promise.allSettled(sent);
    if (writeResult.status === 'rejected') throw writeResult.reason;
    if (commitResult.status === 'rejected') throw commitResult.reason;
    // After an error in the pipeline PostgreSQL answers COMMIT with a rollback, and without an error.
    if (commitResult.value.command !== 'COMMIT') throw new StoreUnavailableError('the batch was rolled back');
    this.#options.onCommit?.((performance.now() - startedAt) / 1_000);
    this.#replan(writes.transactions.length);
  }

  #replan(written: number): void {
    this.#written += written;
    if (this.#written < this.#replanAt || !this.#writer.prepares) return;
    this.#replanAt = 2 * this.#written;
    void this.#writer.query(DISCARD_PLANS).catch(() => {}); // a broken connection shows at the next batch
  }

  async #moveCursors(moves: readonly CursorMove[]): Promise<{ moved: number; nowMs: number }> {
    const { leaseMs, processId } = this.#options;
    const values = [...cursorValues(moves), leaseMs, this.#storedSeqs(moves), processId];
    const { rows } = await this.#writer.query<{ now_ms: string }>(lanes.MOVE_CURSORS, values);
    return { moved: rows.length, nowMs: Math.max(...rows.map(({ now_ms }) => Number(now_ms))) };
  }

  async rollback(): Promise<void> {
    this.#cache.clear();
    await this.#writer.query(ROLLBACK);
  }

  async renew(states: readonly LaneState[]): Promise<Renewal> {
    const { processId, leaseMs, lanes: count } = this.#options;
    const [, renewed, living] = await Promise.all([
      this.#writer.query(lanes.HEARTBEAT, [processId, leaseMs, String(count)]),
      this.#writer.query<{ lane: number }>(lanes.RENEW, [...this.#heldValues(states), leaseMs]),
      this.#writer.query<{ processes: number }>(lanes.LIVING),
    ]);
    const held = new Set(renewed.rows.map(({ lane }) => lane));
    this.#stored.put(states.filter(({ lane }) => held.has(lane)));
    return { lanes: held, processes: living.rows[0]!.processes };
  }

  async claim(atMost: number, held: readonly number[]): Promise<LaneTitle[]> {
    const { processId, leaseMs, lanes: count } = this.#options;
    const { rows } = await this.#writer.query<TitleRow>(lanes.CLAIM, [
      processId,
      leaseMs,
      atMost,
      plainArray(held),
      String(count),
    ]);
    const titles = rows.map(toTitle).sort((a, b) => a.lane - b.lane);
    // In a database that went back an epoch comes a second time: what was committed under the first is not what it holds.
    if (titles.length > 0) this.#cache.clear();
    this.#stored.put(titles);
    return titles;
  }

  async release(states: readonly LaneState[]): Promise<void> {
    await this.#writer.query(lanes.RELEASE, this.#heldValues(states));
  }

  async leave(): Promise<void> {
    await this.#writer.query(lanes.LEAVE, [this.#options.processId]);
  }

  async raiseStreamEpoch(lane: number, epoch: number, announcedToMs: number): Promise<LaneTitle> {
    const { rows } = await this.#writer.query<TitleRow>(lanes.RAISE_STREAM_EPOCH, [
      ...[lane, epoch, this.#stored.of(lane)],
      ...[this.#options.processId, announcedToMs],
    ]);
    if (!rows[0]) throw new DeposedError(`lane ${lane} has a new owner, or the database went back`);
    const title = toTitle(rows[0]);
    this.#stored.put([title]);
    return title;
  }

  #storedSeqs(held: readonly { readonly lane: number }[]): string {
    return plainArray(held.map(({ lane }) => this.#stored.of(lane)));
  }

  #heldValues(states: readonly LaneState[]): string[] {
    return [...stateValues(states), this.#storedSeqs(states), this.#options.processId];
  }
}

const cursorValues = (moves: readonly CursorMove[]): string[] => [
  plainArray(moves.map(({ lane }) => lane)),
  plainArray(moves.map(({ epoch }) => epoch)),
  plainArray(moves.map(({ cursor }) => cursor.seq)),
  textArray(moves.map(({ cursor }) => cursor.messageId)),
  plainArray(moves.map(({ cursor }) => cursor.timeMs ?? 'NULL')),
];

const stateValues = (states: readonly LaneState[]): string[] => [
  ...cursorValues(states),
  plainArray(states.map(({ published }) => published.streamEpoch)),
  plainArray(states.map(({ published }) => published.streamSeq)),
  plainArray(states.map(({ published }) => publishedAt(published.atMs))),
];

const publishedAt = (atMs: number | null): string => {
  if (atMs === null) return 'NULL';
  return atMs === Number.POSITIVE_INFINITY ? 'infinity' : new Date(atMs).toISOString();
};
