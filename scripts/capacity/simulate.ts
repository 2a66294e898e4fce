import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFleet } from '@b2b-charge/stack';
import { migrate } from '../migrate.ts';
import { BURST, HOURS, rateAt } from './day.ts';
import type { Figures } from './figures.ts';
import { Meter } from './meter.ts';

export interface Simulation {
  readonly charges: number;
  readonly failed: number;
  readonly seconds: number;
  /** Charges in the busiest second, planned. */
  readonly busiest: number;
  readonly p95Ms: number;
  /** Per charge: microseconds of CPU, bytes. */
  readonly perCharge: Readonly<Partial<Record<keyof Figures, number>>>;
}

interface SimulationOptions {
  readonly chargesPerDay: number;
  readonly seconds: number;
  readonly progress: (line: string) => void;
}

const ROOT = path.join(import.meta.dirname, '../..');
const SCALE = 0.1;
/** What a small machine takes beside the one that sends: a busier day is thinned out. */
const MOST_PER_SECOND = 100;
const VENDORS = 12;
const TICKS_PER_SECOND = 20;
const WITHIN_MS = 20_000;
/** Noon's burst: a minute of its hour. */
const BURST_SHARE = 1 / 60;

/** Drives a tenth of a day through a fleet of its own, compressed into some seconds, and measures what it took. */
export async function simulateDay({
  chargesPerDay,
  seconds,
  progress,
}: SimulationOptions): Promise<Simulation> {
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    services: { ledger: 1, credits: 1, gateway: 1 },
  });
  const url = fleet.of('gateway')[0]!.url;
  const call = caller(url);
  const tokens = await openVendors(call, fleet.secrets.admin.token);
  const total = Math.round(Math.min(chargesPerDay * SCALE, seconds * MOST_PER_SECOND));
  progress(`a day of ${total} charges within ${seconds} s by ${VENDORS} vendors`);
  const due = schedule(total, seconds);
  const meter = await Meter.open(fleet);
  const latencies: number[] = [];
  let failed = 0;
  const sell = async () => {
    const from = performance.now();
    const body = { phone_number: '+989121234567', amount: '1.00' };
    await call('/api/charges/sell/', tokens[zipf(tokens.length)]!, body).catch(() => failed++);
    latencies.push(performance.now() - from);
  };
  const before = await meter.read();
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (const [tick, count] of due.entries()) {
    const ahead = startedAt + (tick * 1_000) / TICKS_PER_SECOND - performance.now();
    if (ahead > 0) await sleep(ahead);
    for (let index = 0; index < count; index++) underWay.push(sell());
  }
  await Promise.all(underWay);
  const took = (performance.now() - startedAt) / 1_000;
  const after = await meter.read();
  await meter.close();
  return {
    charges: total - failed,
    failed,
    seconds: took,
    busiest: busiestSecond(due),
    p95Ms: latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.95)] ?? 0,
    perCharge: Object.fromEntries(
      Object.entries(after).map(([name, value]) => [name, (value - before[name]!) / (total - failed)]),
    ),
  };
}

/** Charges of each tick of the compressed day. */
export function schedule(total: number, seconds: number): number[] {
  const ticks = Math.round(seconds * TICKS_PER_SECOND);
  const parts = Array.from({ length: ticks }, (_, tick) => {
    const hour = (tick / ticks) * HOURS.length;
    const burst = hour >= 12 && hour < 12 + Math.max(BURST_SHARE, HOURS.length / ticks);
    return rateAt(hour) * (burst ? BURST : 1);
  });
  const sum = parts.reduce((all, part) => all + part, 0);
  let carried = 0;
  let given = 0;
  return parts.map((part) => {
    carried += (part / sum) * total;
    const count = Math.round(carried) - given;
    given += count;
    return count;
  });
}

function busiestSecond(due: readonly number[]): number {
  const sums = due.map((_, at) => due.slice(at, at + TICKS_PER_SECOND).reduce((sum, one) => sum + one, 0));
  return Math.max(...sums);
}

/** A few sell most: the n-th as much as the first divided by n. */
function zipf(count: number): number {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1));
  let left = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return index;
  }
  return 0;
}

type Call = (
  path: string,
  token: string,
  body?: unknown,
) => Promise<{ id: number; vendor_id: number; token: string; balance: number }>;

const caller =
  (url: string): Call =>
  async (at, token, body) => {
    const response = await fetch(url + at, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Token ${token}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    const text = await response.text();
    if (response.status !== 200 && response.status !== 201)
      throw new Error(`${at}: ${response.status} ${text}`);
    return JSON.parse(text).data;
  };

async function openVendors(call: Call, adminToken: string): Promise<string[]> {
  const tokens: string[] = [];
  for (let index = 0; index < VENDORS; index++) {
    const vendor = await call('/api/admin/vendors/', adminToken, { name: `Shop ${index + 1}` });
    const { token } = await call(`/api/admin/vendors/${vendor.vendor_id}/tokens/`, adminToken, {
      name: 'till',
    });
    const credit = await call('/api/credits/request/', token, { amount: '1000000.00' });
    await call(`/api/admin/credits/${credit.id}/approve/`, adminToken, {});
    tokens.push(token);
  }
  const deadline = Date.now() + WITHIN_MS;
  for (const token of tokens) {
    while (Number((await call('/api/vendors/balance/', token)).balance) === 0) {
      if (Date.now() > deadline) throw new Error('the first credit was not posted');
      await sleep(50);
    }
  }
  return tokens;
}

export function formatSimulation(simulation: Simulation, figures: Figures): string {
  const { charges, failed, seconds, busiest, p95Ms, perCharge } = simulation;
  const rows = Object.entries(perCharge).map(([name, measured]) => {
    const predicted = figures[name as keyof Figures];
    return `${name.padEnd(24)}${predicted.toFixed(0).padStart(10)}${measured.toFixed(0).padStart(10)}${(measured / predicted).toFixed(2).padStart(9)}`;
  });
  return [
    `${charges} charges in ${seconds.toFixed(1)} s, ${failed} failed; ${busiest} in the busiest second; p95 ${p95Ms.toFixed(0)} ms`,
    '',
    `${'per charge'.padEnd(24)}${'predicted'.padStart(10)}${'measured'.padStart(10)}${'ratio'.padStart(9)}`,
    ...rows,
    '',
    'CPU per charge is far above the figures at a low rate: a batch of a few costs what a batch of forty does.',
  ].join('\n');
}
