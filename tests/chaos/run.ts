import { cpSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { Random } from '../../services/ledger/simulator/random.ts';
import { waitForCalm } from './calm.ts';
import { auditFully } from './check/audit.ts';
import { type Checked, checkEverything } from './check/check.ts';
import { Findings } from './check/findings.ts';
import { openDatabase } from './check/rows.ts';
import { type FaultName, FaultPlan } from './faults/fault.ts';
import { type Injected, injectFaults } from './faults/inject.ts';
import { targetsOf } from './faults/target.ts';
import { type Load, startLoad } from './load/load.ts';
import { type Settled, settleDoubts } from './load/settle.ts';
import type { ChaosReport } from './report.ts';
import { LaneWatch } from './watch-lanes.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly FaultName[];
  readonly overlap: boolean;
  readonly natsBinary?: string | undefined;
  readonly logsFolder?: string | undefined;
  /** Between two faults. */
  readonly gapMs: readonly [number, number];
  readonly longestFaultMs: number;
  readonly progress: (line: string) => void;
}

const ROOT = path.join(import.meta.dirname, '../..');
const PROGRESS_EVERY_MS = 5_000;
/** Short, so that some commands expire while a part is frozen, and doubts end soon. */
const DEADLINE_MS = 6_000;

/** Sells while everything breaks, lets calm return, and proves the books. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, natsBinary, progress } = options;
  const findings = new Findings();
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    natsBinary,
    services: { ledger: 2, credits: 1, gateway: 1 },
    environment: { CHARGE_WAIT_MS: '3000', CHARGE_DEADLINE_MS: String(DEADLINE_MS) },
  });
  const { postgres, nats, redis } = fleet;
  progress(`PostgreSQL ${postgres.version}, NATS ${nats.version}, Redis ${redis.version}; seed ${seed}`);
  try {
    const random = new Random(seed);
    await using load = await startLoad({
      fleet,
      random: random.fork(),
      deadlineMs: DEADLINE_MS,
    });
    return await breakAndProve(options, { fleet, load, random, findings });
  } finally {
    if (options.logsFolder) cpSync(path.join(fleet.folder, 'logs'), options.logsFolder, { recursive: true });
  }
}

interface Parts {
  readonly fleet: Fleet;
  readonly load: Load;
  readonly random: Random;
  readonly findings: Findings;
}

async function breakAndProve(options: ChaosOptions, parts: Parts): Promise<ChaosReport> {
  const { fleet, load, random, findings } = parts;
  const db = openDatabase(fleet.databaseUrl);
  const nc = await fleet.connect('operator');
  try {
    const watch = new LaneWatch(db);
    await watch.look();
    const injected = await breakThings(options, { fleet, load, random, findings, watch });
    options.progress('everything runs again; waiting for calm');
    const { settled, checked } = await prove({ db, nc, ...parts }).catch((error: Error) => {
      findings.add('processes', `no calm: ${error.message}`);
      return { settled: null, checked: null };
    });
    await watch.look();
    return reportOf(options, parts, { injected, settled, checked, watch });
  } finally {
    await nc.close();
    await db.end();
  }
}

async function breakThings(options: ChaosOptions, parts: Parts & { watch: LaneWatch }) {
  const { minutes, faults: names, longestFaultMs, progress, gapMs, overlap } = options;
  const { fleet, load, random, findings, watch } = parts;
  const end = AbortSignal.timeout(minutes * 60_000);
  const done = new AbortController();
  const unexpected = (text: string) => findings.add('processes', text);
  const tell = async () => {
    while (!done.signal.aborted) {
      await sleep(PROGRESS_EVERY_MS, undefined, { signal: done.signal }).catch(() => {});
      if (!done.signal.aborted) progress(load.summary());
    }
  };
  const beside = Promise.all([watch.run(done.signal), tell()]);
  const selling = load.run(end);
  const injected = await injectFaults(
    {
      gapMs,
      overlap,
      plan: new FaultPlan(random.fork(), names, longestFaultMs),
      find: targetsOf(fleet, unexpected),
      random: random.fork(),
      progress,
      failed: unexpected,
    },
    end,
  );
  await selling;
  done.abort();
  await beside;
  progress(load.summary());
  return injected;
}

async function prove(
  parts: Parts & { db: ReturnType<typeof openDatabase>; nc: Awaited<ReturnType<Fleet['connect']>> },
) {
  const { fleet, load, findings, db, nc } = parts;
  const { book, shops, office } = load;
  const settled = await settleDoubts({
    gatewayUrl: fleet.of('gateway')[0]!.url,
    book,
    shops,
    office,
    deadlineAtMs: Date.now() + load.longestDeadlineMs,
  });
  for (const text of settled.open) findings.add('bounded-doubt', text);
  await waitForCalm(db, nc);
  const checked = await checkEverything({ fleet, db, nc, claims: book.claims, findings });
  await auditFully(fleet, findings);
  for (const text of book.contradictions) findings.add('exactly-once', text);
  return { settled, checked };
}

interface Result {
  readonly injected: Injected;
  readonly settled: Settled | null;
  readonly checked: Checked | null;
  readonly watch: LaneWatch;
}

function reportOf(
  { seed, minutes }: ChaosOptions,
  { fleet, load, findings }: Parts,
  result: Result,
): ChaosReport {
  const { book } = load;
  const { settled } = result;
  return {
    seed,
    minutes,
    servers: { postgres: fleet.postgres.version, nats: fleet.nats.version, redis: fleet.redis.version },
    commands: book.claims.length,
    attempts: book.attempts,
    answers: Object.fromEntries(book.answers),
    doubts: {
      executed: settled?.executed ?? 0,
      neverExecuted: settled?.neverExecuted ?? 0,
      open: settled?.open.length ?? 0,
    },
    faults: result.injected.counts,
    slowestReturnMs: result.injected.slowestMs,
    lanes: result.watch.changes,
    longestWaitMs: book.longestWaitMs,
    longestSilenceMs: book.longestSilenceMs,
    checked: result.checked,
    discrepancies: findings.count,
    findings: findings.kept,
  };
}
