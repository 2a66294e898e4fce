import type { LoadPlan, LoadResult } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import { checkBooks, type Told } from './books.ts';
import type { Database } from './database.ts';
import type { Figure } from './figure.ts';
import { Meter, PARTS, type Part, type Pids, type Spent } from './meter.ts';
import type { Stage } from './stage.ts';

export interface Measured {
  readonly result: LoadResult;
  readonly spent: Spent;
  readonly discrepancies: readonly string[];
}

interface MeasureOptions {
  /** A compared service's, instead of the stage's. */
  readonly database?: Database;
  /** Processes of a compared service by part, instead of the fleet's. */
  readonly pids?: Pids;
  /** How the books are checked; null if nothing of the load is in them yet. */
  readonly check?: ((told: Told, since: Date) => Promise<string[]>) | null;
}

/** One load, what it cost, and whether the books agree with it. */
export async function measure(stage: Stage, plan: LoadPlan, options: MeasureOptions = {}): Promise<Measured> {
  const database = options.database ?? stage.database;
  const since = await clockOf(database);
  await using meter = await Meter.open(stage, options);
  let spent: Spent | undefined;
  const result = await runLoad(plan, {
    measuring: (pid) => meter.begin(pid),
    measured: async () => {
      spent = await meter.end();
    },
  });
  const told: Told = {
    prefix: plan.prefix,
    total: result.total,
    sent: result.sent,
    soldIndexes: result.soldIndexes,
  };
  const check = options.check ?? ((one, from) => checkBooks(database, [one], from));
  const discrepancies = options.check === null ? [] : await check(told, since);
  return { result, spent: spent!, discrepancies };
}

export async function clockOf(database: Database): Promise<Date> {
  const [row] = await database.query<{ now: Date }>(
    `SELECT date_trunc('milliseconds', clock_timestamp()) AS now`,
  );
  return row!.now;
}

type Head = Pick<Figure, 'scenario' | 'group' | 'title'>;

/** The figure of a load whose callers waited for their outcomes. */
export function figureOf(head: Head, { result, spent, discrepancies }: Measured): Figure {
  const { answers, seconds, latency } = result.measured;
  const { failed, refused, pending } = result.total;
  const outcomes = answers.sold + answers.replayed + answers.rejected;
  return {
    ...head,
    outcomesPerS: outcomes / seconds,
    ...(spent.commands.messages > 0 ? { acceptedPerS: spent.commands.messages / seconds } : {}),
    latencyMs: latency,
    ...timeOf(latency.mean, spent),
    ...costs(spent, outcomes),
    notes: [
      ...(failed + refused + pending > 0 ? [`${pending} pending, ${refused} refused, ${failed} failed`] : []),
      ...result.oddities.slice(0, failed > 0 ? 1 : 0),
    ],
    discrepancies,
  };
}

/** What a charge cost, by all that was spent. */
export function costs(spent: Spent, charges: number): Partial<Figure> {
  const cpu = PARTS.filter((part) => spent.cpuUs[part] > 0).map((part) => [
    part,
    spent.cpuUs[part] / charges,
  ]);
  const { commands, events } = spent;
  return {
    cpuUsPerCharge: Object.fromEntries(cpu) as Partial<Record<Part, number>>,
    tableBytesPerCharge: spent.tableBytes / charges,
    indexBytesPerCharge: spent.indexBytes / charges,
    walBytesPerCharge: spent.walBytes / charges,
    ...(commands.messages > 0 ? { logBytesPerCharge: commands.bytes / commands.messages } : {}),
    natsInPerCharge: spent.traffic.natsIn / charges,
    natsOutPerCharge: spent.traffic.natsOut / charges,
    redisReadsPerCharge: spent.traffic.redisReads / charges,
    redisCommandsPerCharge: spent.traffic.redisCommands / charges,
    ...(events.messages > 0 ? { eventBytesPerCharge: events.bytes / events.messages } : {}),
    memoryMb: Object.fromEntries(
      Object.entries(spent.memoryBytes).map(([part, bytes]) => [part, bytes / 1024 ** 2]),
    ),
  };
}

/** The mean time of a sale in three parts; none where the services say nothing of it. */
function timeOf(mean: number, { told: { request, batch, charges } }: Spent): Partial<Figure> {
  if (request.count === 0 || batch.count === 0) return {};
  const inGateway = (request.seconds / request.count) * 1_000;
  const inBatch = (batch.seconds / batch.count) * 1_000;
  return {
    timeMs: { outside: Math.max(0, mean - inGateway), way: Math.max(0, inGateway - inBatch), batch: inBatch },
    chargesPerBatch: charges / batch.count,
  };
}
