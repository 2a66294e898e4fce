import { setTimeout as sleep } from 'node:timers/promises';
import { createSubjects } from '@b2b-charge/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import type { FillPlan, LoadResult } from '../load/plan.ts';
import { checkBooks } from './books.ts';
import type { Figure } from './figure.ts';
import { clockOf, costs, measure } from './measure.ts';
import { Meter } from './meter.ts';
import type { Stage } from './stage.ts';

interface DrainOptions {
  readonly plan: FillPlan;
  /** Starts the ledgers; the log is full by then. */
  start(): Promise<void>;
}

const DONE_WITHIN_MS = 300_000;
const POLL_MS = 20;

/** Fills the log while no ledger runs, then counts the outcomes as they come, until the last event is out too. */
export async function drain(stage: Stage, { plan, start }: DrainOptions): Promise<Partial<Figure>> {
  const since = await clockOf(stage.database);
  const { result: filled, spent: filling } = await measureFill(stage, plan);
  const nc = await stage.fleet.connect('gateway');
  const operator = await stage.fleet.connect('operator');
  await using meter = await Meter.open(stage);
  try {
    const manager = await jetstreamManager(operator);
    const { events } = createSubjects().streams;
    const eventCount = async () => (await manager.streams.info(events)).state.messages;
    const eventsBefore = await eventCount();
    const arrivals = new Float64Array(plan.count);
    let arrived = 0;
    let begun: Promise<void> | undefined;
    nc.subscribe('ledger.outcomes.gateway.bench-fill.*', {
      callback: () => {
        begun ??= meter.begin(process.pid);
        arrivals[arrived++] = performance.now();
      },
    });
    await nc.flush();
    await start();
    const deadline = Date.now() + DONE_WITHIN_MS;
    const wait = async (done: () => Promise<boolean> | boolean) => {
      while (!(await done())) {
        if (Date.now() > deadline) throw new Error(`not drained: ${arrived} of ${plan.count} outcomes`);
        await sleep(POLL_MS);
      }
    };
    await wait(() => arrived >= plan.count);
    await wait(async () => (await eventCount()) - eventsBefore >= plan.count);
    const eventsAt = performance.now();
    await begun;
    const spent = await meter.end();
    // The callers were told "accepted" only; each of them must have been sold.
    const total = { ...filled.total, sold: filled.total.pending, pending: 0 };
    const told = {
      prefix: plan.prefix,
      total,
      sent: plan.count,
      soldIndexes: (plan.count * (plan.count - 1)) / 2,
    };
    const first = arrivals[0]!;
    const middle = plan.count >> 1;
    const rate = (from: number, to: number, seconds: number) => (to - from) / (seconds / 1_000);
    const half = rate(middle, plan.count, arrivals[plan.count - 1]! - arrivals[middle]!);
    return {
      acceptedPerS: filled.measured.answers.pending / filled.measured.seconds,
      drainedPerS: rate(0, plan.count, arrivals[plan.count - 1]! - first),
      ...costs(spent, plan.count),
      ...logBytes(filling.commands),
      notes: [
        `second half ${Math.round(half).toLocaleString('en')}/s`,
        `all events out at ${Math.round(rate(0, plan.count, eventsAt - first)).toLocaleString('en')}/s`,
      ],
      discrepancies: await checkBooks(stage.database, [told], since),
    };
  } finally {
    await nc.close();
    await operator.close();
  }
}

/** The fill is accepted only: the books have nothing to say of it yet. */
async function measureFill(
  stage: Stage,
  plan: FillPlan,
): Promise<{ result: LoadResult; spent: Awaited<ReturnType<Meter['end']>> }> {
  const { result, spent } = await measure(stage, plan, { check: null });
  if (result.total.pending !== plan.count) {
    throw new Error(`the log took ${result.total.pending} of ${plan.count} commands: ${result.oddities[0]}`);
  }
  return { result, spent };
}

const logBytes = ({ bytes, messages }: { bytes: number; messages: number }): Partial<Figure> =>
  messages > 0 ? { logBytesPerCharge: bytes / messages } : {};
