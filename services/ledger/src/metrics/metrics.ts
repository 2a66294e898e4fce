import { DEAD_LETTER_REASONS } from '@b2b-charge/contracts';
import {
  cacheMetrics,
  connectionMetrics,
  createRegistry,
  HotHistogram,
  readGauge,
  shared,
} from '@b2b-charge/runtime';
import type pg from 'pg';
import { Counter, type Registry } from 'prom-client';
import type { CommittedBatch } from '../process/commit-batch.ts';
import type { LedgerProcess } from '../process/ledger-process.ts';
import type { ProcessEvent } from '../process/process-options.ts';
import { ANSWERED_BY, type AnsweredBy } from '../queries/reads.ts';
import { type LaneReadings, readLanes } from './read-lanes.ts';
import { SourceMetrics } from './sources.ts';
import { tally } from './tally.ts';

interface Sources {
  readonly pool: pg.Pool;
  readonly process: LedgerProcess;
  /** Events not yet acknowledged. */
  eventBacklog(): number;
  readonly vendorCache: { readonly hits: number; readonly misses: number };
  readonly replica: { lagBytes(): Promise<number | null> } | null;
}

/** What the ledger tells of itself. */
export type LedgerMetrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = createRegistry();
  const connections = connectionMetrics(registry);
  const registers = [registry];
  let sources: Sources | null = null;
  const decisions = new Counter({
    name: 'b2b_ledger_decisions_total',
    help: 'Commands decided, by command and outcome',
    labelNames: ['command', 'outcome'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'b2b_ledger_dead_letters_total',
    help: 'Commands that became dead letters, by reason',
    labelNames: ['reason'],
    registers,
  });
  const bySource = new SourceMetrics(registry);
  const batchSize = new HotHistogram(registry, {
    name: 'b2b_ledger_batch_commands',
    help: 'Commands per batch',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  }).series();
  const batchSeconds = new HotHistogram(registry, {
    name: 'b2b_ledger_batch_seconds',
    help: 'From taking a batch to its commit',
    buckets: SECONDS,
  }).series();
  const commitSeconds = new HotHistogram(registry, {
    name: 'b2b_ledger_commit_seconds',
    help: "The part of it that PostgreSQL takes to write a batch's rows and to commit",
    buckets: SECONDS,
  }).series();
  const laneEvents = new Counter({
    name: 'b2b_ledger_lane_events_total',
    help: 'Lanes claimed (taken over), lost, released, rolled-back (the log lost its tail), stalled (the reader); database-went-back',
    labelNames: ['event'],
    registers,
  });
  const faults = new Counter({
    name: 'b2b_ledger_faults_total',
    help: 'Starts over from what the database says',
    registers,
  });
  const replicaQueries = new Counter({
    name: 'b2b_ledger_replica_queries_total',
    help: 'Queries for the replica, by what became of them: replica (answered there), else the primary answered, because it was lagging, unreachable, promoted, on an other-timeline, or failed under way',
    labelNames: ['by'],
    registers,
  });
  const eventsFromTable = new Counter({
    name: 'b2b_ledger_events_from_table_total',
    help: 'Events read from the table to be published: an earlier owner had left them, or the stream had lost them',
    registers,
  });
  // From zero on, so that the first one of a kind is an increase.
  for (const event of LANE_EVENTS) laneEvents.inc({ event }, 0);
  for (const reason of DEAD_LETTER_REASONS) deadLetters.inc({ reason }, 0);
  for (const by of ANSWERED_BY) replicaQueries.inc({ by }, 0);
  ownGauges(registry, () => sources);
  laneGauges(registry, () => sources);
  cacheMetrics(registry, () => (sources ? { vendors: sources.vendorCache } : {}));
  return {
    registry,
    connections,
    observe(event: ProcessEvent): void {
      if (event.kind === 'batch') {
        batchSize.observe(event.size);
        batchSeconds.observe(event.durationMs / 1_000);
      } else if (event.kind === 'fault') faults.inc();
      else laneEvents.inc({ event: event.kind });
    },
    committed(batch: CommittedBatch): void {
      const { entries, decisions: made } = batch;
      bySource.committed(batch);
      for (const { count, ...labels } of tally(entries, made)) decisions.inc(labels, count);
      for (const decision of made) {
        if (decision.kind === 'dead' && !decision.again) deadLetters.inc({ reason: decision.reason });
      }
    },
    answered: (by: AnsweredBy): void => replicaQueries.inc({ by }),
    eventFromTable: (): void => eventsFromTable.inc(),
    commit: (seconds: number): void => commitSeconds.observe(seconds),
    watch(given: Sources): void {
      sources = given;
    },
  };
}

const LANE_EVENTS = ['claimed', 'lost', 'released', 'rolled-back', 'stalled', 'database-went-back'] as const;
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What this process has in hand. */
function ownGauges(registry: Registry, sources: () => Sources | null): void {
  const gauge = (name: string, help: string, read: (sources: Sources) => number) =>
    readGauge(registry, { name, help }, () => {
      const given = sources();
      return given ? read(given) : [];
    });
  gauge('b2b_ledger_lanes_owned', 'Lanes that this process owns', ({ process }) => process.lanes.length);
  gauge(
    'b2b_ledger_commands_waiting',
    'Commands that this process has read from the log and not yet decided',
    ({ process }) => process.waiting,
  );
  gauge(
    'b2b_ledger_events_waiting',
    'Events of this process not yet acknowledged by the stream',
    ({ eventBacklog }) => eventBacklog(),
  );
  readGauge(
    registry,
    {
      name: 'b2b_ledger_replica_lag_bytes',
      help: "Bytes of the primary's log that the replica has not replayed; no series without a replica, or while it is away",
    },
    async () => (await sources()?.replica?.lagBytes()) ?? [],
  );
  readGauge(
    registry,
    {
      name: 'b2b_ledger_lane_lag_seconds',
      help: 'Age of the oldest undecided command that this process has read, by owned lane; 0 when there is none',
      labelNames: ['lane'],
    },
    () => {
      const process = sources()?.process;
      if (!process) return [];
      const ages = process.oldestByLane();
      return process.lanes.map(({ lane }) => {
        const oldestMs = ages.get(lane);
        return [{ lane }, oldestMs === undefined ? 0 : Math.max(0, Date.now() - oldestMs) / 1_000];
      });
    },
  );
}

/** What the database says of all lanes; every process tells the same. */
function laneGauges(registry: Registry, sources: () => Sources | null): void {
  const read = shared(async () => {
    const given = sources();
    return given ? readLanes(given.pool) : null;
  });
  const byLane = (name: string, help: string, value: (lane: LaneReadings['lanes'][number]) => number) =>
    readGauge(registry, { name, help, labelNames: ['lane'] }, async () =>
      ((await read())?.lanes ?? []).map((lane) => [{ lane: lane.lane }, value(lane)]),
    );
  byLane('b2b_ledger_lane_cursor', 'Number in the log up to which a lane is decided', ({ cursor }) => cursor);
  byLane('b2b_ledger_lane_epoch', 'Changes of ownership of a lane', ({ epoch }) => epoch);
  byLane(
    'b2b_ledger_lane_lease_seconds',
    "What is left of the owner's lease of a lane; 0 when it ran out",
    ({ leaseS }) => leaseS,
  );
  readGauge(
    registry,
    {
      name: 'b2b_ledger_lanes',
      help: 'Lanes by whether a living process owns them',
      labelNames: ['state'],
    },
    async () => {
      const lanes = (await read())?.lanes ?? [];
      const owned = lanes.filter(({ leaseS }) => leaseS > 0).length;
      return [
        [{ state: 'owned' }, owned],
        [{ state: 'free' }, lanes.length - owned],
      ];
    },
  );
  readGauge(
    registry,
    { name: 'b2b_ledger_dead_letters_open', help: 'Dead letters not sent again, counted up to 1,000' },
    async () => (await read())?.openDeadLetters ?? [],
  );
}
