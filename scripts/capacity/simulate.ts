import path from 'node:path';
import { type Fleet, startFleet } from '@b2b-charge/stack';
import { makeBooks } from '../../bench/audit/books.ts';
import { type CliMeasure, measureCli } from '../../bench/audit/measure-cli.ts';
import { databaseAt } from '../../bench/harness/database.ts';
import { giveTokens } from '../../bench/harness/load-vendors.ts';
import { residentBytes } from '../../bench/harness/processes.ts';
import { POSTGRES_SETTINGS, ROOT, SERVICE_SETTINGS } from '../../bench/harness/stage.ts';
import type { HttpPlan } from '../../bench/load/plan.ts';
import { runLoad } from '../../bench/load/run-load.ts';
import { migrate } from '../migrate.ts';
import type { Figures } from './figures.ts';
import { Meter } from './meter.ts';
import { busiestSecond, timetable } from './timetable.ts';
import { measureVendorMemory } from './vendor-memory.ts';

export interface Simulation {
  readonly charges: number;
  readonly vendors: number;
  /** Charges that were refused, rejected, pending or failed. */
  readonly notSold: number;
  readonly oddities: readonly string[];
  readonly seconds: number;
  /** Charges in the busiest second, planned. */
  readonly busiest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** In the figures' units. */
  readonly measured: Readonly<Partial<Figures>>;
}

interface SimulationOptions {
  readonly chargesPerDay: number;
  readonly vendors: number;
  readonly seconds: number;
  readonly progress: (line: string) => void;
}

const SCALE = 0.1;
/** Charges by which code is compiled and plans are made, before the day begins. */
const WARM_UP = 5_000;
const CONNECTIONS = 256;
const SETTLES_MS = 1_000;
const MEGABYTE = 1_000_000;

/**
 * Sells a tenth of a day's charges, by a tenth of the vendors of whom a few sell most (Zipf), through a fleet of its own:
 * every charge, on the day's curve, in fewer seconds. Measures what it took, then audits all of it.
 */
export async function simulateDay(options: SimulationOptions): Promise<Simulation> {
  const { chargesPerDay, seconds, progress } = options;
  const total = Math.max(1, Math.round(chargesPerDay * SCALE));
  const vendors = Math.max(10, Math.round(options.vendors * SCALE));
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    services: {},
    environment: SERVICE_SETTINGS,
    postgresSettings: POSTGRES_SETTINGS,
  });
  const database = databaseAt(fleet.databaseUrl);
  await database.connected((client) => makeBooks(client, { vendors, linksEach: 2, withLog: false }));
  await giveTokens(database, vendors);
  const ledger = await fleet.add('ledger');
  const gateway = await fleet.add('gateway');
  const port = Number(new URL(gateway.url).port);
  const load = (more: Partial<HttpPlan>) =>
    runLoad(
      {
        kind: 'http',
        ports: [port],
        connections: CONNECTIONS,
        rate: null,
        bulk: null,
        vendors,
        spread: 'zipf',
        amount: '1.50',
        prefix: 'day',
        warmupMs: 0,
        measureMs: 60_000,
        ...more,
      },
      { measuring() {}, measured() {} },
    );
  await load({ prefix: 'warmup', spread: 'each', connections: 32, limit: Math.min(WARM_UP, total) });
  const meter = await Meter.open(fleet);
  const before = await meter.read();
  const day = timetable(total, seconds);
  progress(
    `a day of ${total} charges by ${vendors} vendors within ${seconds} s, ${busiestSecond(day)} in the busiest`,
  );
  const startedAt = performance.now();
  const told = await load({ timetable: day, measureMs: seconds * 1_000 + SETTLES_MS });
  const took = (performance.now() - startedAt) / 1_000;
  const after = await meter.read();
  await meter.close();
  const megabytes = (pid: number | null) => (pid === null ? 0 : residentBytes(pid) / MEGABYTE);
  const [stored] = await database.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(name)) AS bytes
     FROM unnest(ARRAY['ledger.vendors', 'gateway.vendors', 'gateway.tokens']) AS name`,
  );
  const memory = {
    vendorBytes: Number(stored!.bytes) / vendors,
    vendorMemory: measureVendorMemory(),
    gatewayMemory: megabytes(gateway.process.pid),
    ledgerMemory: megabytes(ledger.process.pid),
  };
  progress('a full audit of it');
  const { run } = await audit(fleet);
  return {
    charges: told.total.sold,
    vendors,
    notSold: told.sent - told.total.sold,
    oddities: told.oddities,
    seconds: took,
    busiest: busiestSecond(day),
    p50Ms: told.measured.latency.p50,
    p99Ms: told.measured.latency.p99,
    measured: {
      ...Object.fromEntries(
        Object.entries(after).map(([name, value]) => [name, (value - before[name]!) / told.total.sold]),
      ),
      ...memory,
      dayAuditPerSecond: (run.transactions_checked * 1_000) / (run.duration_ms ?? Number.NaN),
    },
  };
}

/** The reconciler's own, over every book from its first transaction. Throws if anything disagrees. */
const audit = (fleet: Fleet): Promise<CliMeasure> =>
  measureCli(
    {
      ...fleet.environment('reconciler'),
      SIGNING_KEY_FILE: path.join(fleet.folder, 'reconciler-key.pem'),
    },
    ['--full'],
  );

export function formatSimulation(simulation: Simulation, figures: Figures): string {
  const { charges, vendors, notSold, oddities, seconds, busiest, p50Ms, p99Ms, measured } = simulation;
  const rows = Object.entries(measured).map(([name, value]) => {
    const predicted = figures[name as keyof Figures];
    return `${name.padEnd(24)}${predicted.toFixed(0).padStart(10)}${value.toFixed(0).padStart(10)}${(value / predicted).toFixed(2).padStart(9)}`;
  });
  return [
    `${charges} charges of ${vendors} vendors in ${seconds.toFixed(1)} s, ${notSold} not sold; ${busiest} in the busiest second; ` +
      `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`,
    ...oddities,
    '',
    `${'figure'.padEnd(24)}${'predicted'.padStart(10)}${'measured'.padStart(10)}${'ratio'.padStart(9)}`,
    ...rows,
    '',
    'CPU per charge is above the figures below the peak: a batch of a few costs what a batch of forty does.',
  ].join('\n');
}
