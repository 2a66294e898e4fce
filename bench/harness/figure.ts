import type { Latency } from '../load/plan.ts';
import type { Part } from './meter.ts';

/** What one scenario measured. Absent is not measured, or means nothing here. */
export interface Figure {
  readonly scenario: string;
  /** Under which it stands in the report. */
  readonly group: string;
  readonly title: string;
  /** Charges answered per second. */
  readonly outcomesPerS?: number;
  /** Commands acknowledged by the log per second. */
  readonly acceptedPerS?: number;
  /** Outcomes per second from a log that was filled before. */
  readonly drainedPerS?: number;
  /** Transactions that an audit checked per second. */
  readonly auditedPerS?: number;
  /** Asked for per second, at an open loop. */
  readonly offeredPerS?: number;
  readonly latencyMs?: Latency;
  /** Where the mean time of a sale goes, by what gateway and ledger measure of themselves. */
  readonly timeMs?: { readonly outside: number; readonly way: number; readonly batch: number };
  readonly cpuUsPerCharge?: Readonly<Partial<Record<Part, number>>>;
  readonly tableBytesPerCharge?: number;
  readonly indexBytesPerCharge?: number;
  readonly walBytesPerCharge?: number;
  readonly logBytesPerCharge?: number;
  readonly eventBytesPerCharge?: number;
  readonly statementsPerBatch?: number;
  readonly roundTripsPerBatch?: number;
  readonly chargesPerBatch?: number;
  /** Messages that clients sent to nats-server, and that it sent to clients. */
  readonly natsInPerCharge?: number;
  readonly natsOutPerCharge?: number;
  /** Times that Redis read a request or a pipeline of them. */
  readonly redisReadsPerCharge?: number;
  readonly redisCommandsPerCharge?: number;
  /** Allocated on V8's heap. */
  readonly gatewayBytesPerCharge?: number;
  readonly ledgerBytesPerCharge?: number;
  readonly memoryMb?: Readonly<Partial<Record<Part, number>>>;
  readonly notes: readonly string[];
  /** Any of them takes the figures away. */
  readonly discrepancies: readonly string[];
}
