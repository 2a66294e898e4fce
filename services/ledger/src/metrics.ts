import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CommittedBatch } from './process/commit-batch.ts';
import type { LedgerProcess } from './process/ledger-process.ts';
import type { ProcessEvent } from './process/process-options.ts';

export interface LedgerMetrics {
  readonly registry: Registry;
  observe(event: ProcessEvent): void;
  committed(batch: CommittedBatch): void;
  watch(process: LedgerProcess, eventBacklog: () => number): void;
}

/** What the ledger tells of itself. */
export function createMetrics(): LedgerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const decisions = new Counter({
    name: 'ledger_decisions_total',
    help: 'Commands decided, by command and outcome',
    labelNames: ['command', 'outcome'],
    registers,
  });
  const batchSize = new Histogram({
    name: 'ledger_batch_commands',
    help: 'Commands per batch',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const batchSeconds = new Histogram({
    name: 'ledger_batch_seconds',
    help: 'Time from taking a batch to its commit',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const laneChanges = new Counter({
    name: 'ledger_lane_events_total',
    help: 'Lanes claimed, lost, released, rolled back, stalled',
    labelNames: ['event'],
    registers,
  });
  const faults = new Counter({
    name: 'ledger_faults_total',
    help: 'Starts over from the database',
    registers,
  });
  return {
    registry,
    observe(event) {
      if (event.kind === 'batch') {
        batchSize.observe(event.size);
        batchSeconds.observe(event.durationMs / 1000);
      } else if (event.kind === 'fault') faults.inc();
      else laneChanges.inc({ event: event.kind });
    },
    committed({ entries, decisions: made }) {
      for (const [key, count] of tally(entries, made)) {
        const [command, outcome] = key.split(' ') as [string, string];
        decisions.inc({ command, outcome }, count);
      }
    },
    watch(process, eventBacklog) {
      gauge(registry, 'ledger_lanes_owned', 'Lanes that this process owns', () => process.lanes.length);
      gauge(
        registry,
        'ledger_commands_waiting',
        'Commands read from the log and not yet decided',
        () => process.waiting,
      );
      gauge(registry, 'ledger_events_waiting', 'Events not yet acknowledged by the stream', eventBacklog);
    },
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** Counted per batch, so that a counter is touched once per kind and not once per command. */
function tally(entries: CommittedBatch['entries'], made: CommittedBatch['decisions']): Map<string, number> {
  const counts = new Map<string, number>();
  made.forEach((decision, index) => {
    const entry = entries[index]!;
    const command = entry.kind === 'command' ? entry.request.type : 'unreadable';
    const outcome = decision.kind === 'recorded' ? (decision.transaction.reason ?? 'POSTED') : decision.kind;
    const key = `${command} ${outcome}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return counts;
}
