import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@b2b-charge/contracts';
import { type Fleet, freePort, startFleet } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import { migrate } from '../../scripts/migrate.ts';
import { Random } from '../../services/ledger/simulator/random.ts';
import { FaultPlan } from '../chaos/faults/fault.ts';
import { injectFaults } from '../chaos/faults/inject.ts';
import { targetsOf } from '../chaos/faults/target.ts';
import { type Load, startLoad } from '../chaos/load/load.ts';
import { openShops } from './open-shops.ts';
import { prove } from './prove.ts';
import { SalesRecord } from './sales-record.ts';
import { nameOf, Sampler } from './sampler.ts';
import { Seller } from './seller.ts';
import { latencies, type SoakOptions, type SoakState } from './state.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const DEADLINE_MS = 6_000;
const CONNECTIONS = 256;
/** What answers at its fastest: more at once only wait for each other. */
const CALIBRATE_IN_FLIGHT = 128;
/** Of the calibration: code is compiled, connections are opened. */
const WARM_UP = 0.5;
/** Sales a second of the tills that also repeat, conflict and give up, over HTTP and NATS. */
const TILLS_PER_S = 20;
const PROGRESS_EVERY_MS = 15_000;
const SERVICES: readonly ServiceName[] = [
  'ledger',
  'ledger',
  'credits',
  'backoffice',
  'gateway',
  'reconciler',
  'webhooks',
];

/**
 * Finds out how many sales a second the machine takes at most, sells at half of that (or at the rate given) with a fault now
 * and then, watches what every process holds, and proves the books at the end. Everything it learns stands in `state` at
 * once, so that a report can be made of it at any time.
 */
export async function runSoak(options: SoakOptions, state: SoakState): Promise<void> {
  const natsMonitorPort = await freePort();
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    services: {},
    natsMonitorPort,
    environment: {
      CHARGE_WAIT_MS: '3000',
      CHARGE_DEADLINE_MS: String(DEADLINE_MS),
      // Copies of outcomes and marks of sales come and go within half a minute, as they do within a day and five minutes
      // elsewhere: Redis is as full as it gets long before anybody asks whether it still grows.
      IDEMPOTENCY_TIMEOUT: '30',
      DOUBLE_SPENDING_TIMEOUT: '30',
      RATE_LIMIT_POINTS: '1000000000',
      AUDIT_SCHEDULE: '* * * * *',
      CREDIT_SOURCES: 'credits,gateway',
    },
  });
  const inspectPorts = await startServices(fleet);
  const nc = await fleet.connect('operator');
  try {
    const random = new Random(options.seed);
    await using load = await startLoad({
      fleet,
      random: random.fork(),
      deadlineMs: DEADLINE_MS,
      rate: TILLS_PER_S,
    });
    const { url: gatewayUrl } = fleet.of('gateway')[0]!;
    const rich = await openShops({
      gatewayUrl,
      backofficeUrl: fleet.of('backoffice')[0]!.url,
      adminToken: fleet.secrets.admin.token,
      count: options.shops,
      office: load.office,
    });
    const seller = new Seller({ url: gatewayUrl, record: new SalesRecord(rich), connections: CONNECTIONS });
    Object.assign(state, { seller, tills: load.book });
    const sampler = new Sampler({ fleet, nc, natsMonitorPort, inspectPorts }, state.startedAtMs);
    state.sampler = sampler;
    try {
      await sellAndBreak(options, state, { fleet, nc, load, random, seller, sampler });
    } finally {
      seller.close();
    }
    options.stop.throwIfAborted();
    state.phase = 'proving';
    await prove({ ...options, state, fleet, nc, load, seller, shops: [...load.shops, ...rich] });
    state.phase = 'done';
  } finally {
    await nc.close();
  }
}

/** Each with a port at which its heap can be asked for. */
async function startServices(fleet: Fleet): Promise<Map<string, number>> {
  const ports = new Map<(typeof fleet.processes)[number], number>();
  for (const service of SERVICES) {
    const port = await freePort();
    ports.set(await fleet.add(service, { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` }), port);
  }
  return new Map([...ports].map(([member, port]) => [nameOf(fleet, member), port]));
}

interface Parts {
  readonly fleet: Fleet;
  readonly nc: NatsConnection;
  readonly load: Load;
  readonly random: Random;
  readonly seller: Seller;
  readonly sampler: Sampler;
}

async function sellAndBreak(options: SoakOptions, state: SoakState, parts: Parts): Promise<void> {
  const { progress, stop, sampleEveryMs, heapsEveryMs } = options;
  const { seller, load, sampler } = parts;
  const done = new AbortController();
  const beside = Promise.all([
    sampler.run({ everyMs: sampleEveryMs, heapsEveryMs }, done.signal),
    watchSales(seller, sampler, sampleEveryMs, done.signal),
    tell(
      () => `${seller.record.posted} sold, ${seller.repeats} repeats; tills: ${load.summary()}`,
      options,
      done.signal,
    ),
  ]);
  try {
    state.phase = 'calibrating';
    if (options.rate === null) state.saturation = await calibrate(seller, options.calibrateSeconds, stop);
    state.rate = options.rate ?? Math.max(TILLS_PER_S + 1, Math.round(state.saturation! / 2));
    const found =
      state.saturation === null ? '' : `${state.saturation.toFixed(0)} a second is all it takes; `;
    progress(`${found}selling ${state.rate} a second for ${options.minutes} minutes`);
    stop.throwIfAborted();
    state.phase = 'selling';
    state.sellingFromMs = Date.now();
    state.soldBefore = seller.record.posted;
    const end = AbortSignal.any([AbortSignal.timeout(options.minutes * 60_000), stop]);
    const selling = Promise.all([seller.sellAt(state.rate - TILLS_PER_S, end), load.run(end)]);
    const injected = await injectFaults(injectionOf(options, state, parts), end);
    state.sellingToMs = Date.now();
    state.slowestReturnMs = injected.slowestMs;
    await selling;
  } finally {
    done.abort();
    await beside;
  }
}

function injectionOf(options: SoakOptions, state: SoakState, { fleet, random }: Parts) {
  const unexpected = (text: string) => state.findings.add('processes', text);
  const everyMs = options.faultEvery * 1_000;
  return {
    plan: new FaultPlan(random.fork(), options.faults, options.longestFaultMs),
    find: targetsOf(fleet, unexpected),
    random: random.fork(),
    // A fault takes its time, too.
    gapMs: [everyMs * 0.85, everyMs] as const,
    overlap: false,
    progress: options.progress,
    began: (victim: string, what: string) =>
      state.faults.push({ atMs: Date.now() - state.startedAtMs, victim, text: what }),
    failed: unexpected,
  };
}

/** Sales a second, as many at once as it takes to have it busy. */
async function calibrate(seller: Seller, seconds: number, stop: AbortSignal): Promise<number> {
  const end = AbortSignal.any([AbortSignal.timeout(seconds * 1_000), stop]);
  const selling = seller.sellAtOnce(CALIBRATE_IN_FLIGHT, end);
  await sleep(seconds * 1_000 * WARM_UP, undefined, { signal: stop }).catch(() => {});
  const [soldBefore, from] = [seller.record.posted, performance.now()];
  await sleep(seconds * 1_000 * (1 - WARM_UP), undefined, { signal: stop }).catch(() => {});
  const saturation = ((seller.record.posted - soldBefore) * 1_000) / (performance.now() - from);
  await selling;
  return saturation;
}

async function watchSales(seller: Seller, sampler: Sampler, everyMs: number, until: AbortSignal) {
  for (let sold = seller.record.posted; !until.aborted; ) {
    const from = performance.now();
    await sleep(everyMs, undefined, { signal: until }).catch(() => {});
    const now = seller.record.posted;
    sampler.add('sales', 'posted', ((now - sold) * 1_000) / (performance.now() - from));
    sold = now;
    const { median, p99 } = latencies(seller.takeLatencies());
    sampler.add('latency', 'median', median);
    sampler.add('latency', 'p99', p99);
  }
}

async function tell(line: () => string, { progress }: SoakOptions, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await sleep(PROGRESS_EVERY_MS, undefined, { signal: until }).catch(() => {});
    progress(line());
  }
}
