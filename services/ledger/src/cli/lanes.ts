import { parseArgs } from 'node:util';
import type { Subjects } from '@b2b-charge/contracts';
import { createLogger } from '@b2b-charge/runtime';
import type pg from 'pg';
import { announceAgain, countSince } from '../lanes/announce-again.ts';
import { endOfLog } from '../lanes/end-of-log.ts';
import { findObstacles } from '../lanes/obstacles.ts';
import { readLedgerState } from '../lanes/read-lanes.ts';
import { ChangedMeanwhileError, planPartition, repartition } from '../lanes/repartition.ts';
import { oldestUnpublished } from '../lanes/unpublished-lanes.ts';
import { NatsLog } from '../log/nats-log.ts';
import type { Cursor } from '../process/ports.ts';
import { formatStatus } from './format-lanes.ts';
import { runCli } from './run-cli.ts';
import { openNats, openPool, readSettings } from './settings.ts';
import { parseSince } from './since.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `The lanes of the command log.

  npm run lanes -- status [--json]             who owns which lane, and how far it is
  npm run lanes -- repartition --to N [--yes]  another number of lanes; without --yes it only says what it would do
  npm run lanes -- announce --since TIME [--yes]
                                               publishes again the events of all that was decided since then, at most six
                                               days ago, such as 2026-11-24T12:00:00Z; without --yes it only says how many

A new number of lanes takes a standstill, which docs/operations.md ("Lanes") describes: stop the gateways and every
other publisher, wait until all lanes are decided, stop the ledgers, repartition, set LANES=N for every service, start
them. What is undecided, or still runs, is named, and nothing is changed.

Announcing again needs no standstill: each lane changes its owner, within a second or two, and the new one publishes, under
the ids that the events had. Wanted only if LEDGER_EVENTS lost events and no ledger noticed (docs/disaster-recovery.md).

Settings: DATABASE_URL, NATS_URL and NATS_NKEY_SEED of the ledger from the environment, or those of the local stack
that runs (.local/stack.json).
`;

const MAX_LANES = 1_024;

await runCli(USAGE, async (args) => {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`too many words: ${rest.join(' ')}\n\n${USAGE}`);
  switch (command) {
    case 'status':
      return withLog(async ({ pool, end }) =>
        formatStatus(await readLedgerState(pool), (await end()).seq, values.json),
      );
    case 'repartition':
      return repartitionTo(parseLanes(values.to), values.yes);
    case 'announce':
      return announceSince(parseSince(values.since), values.yes);
    default:
      throw new UsageError(`unknown command: ${command ?? '(none)'}\n\n${USAGE}`);
  }
});

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        since: { type: 'string' },
        yes: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
}

function parseLanes(text: string | undefined): number {
  const lanes = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  if (lanes < 1 || lanes > MAX_LANES) throw new UsageError(`--to N is needed, N from 1 to ${MAX_LANES}`);
  return lanes;
}

interface Tools {
  readonly pool: pg.Pool;
  readonly log: NatsLog;
  readonly subjects: Subjects;
  end(): Promise<Cursor>;
}

async function announceSince(sinceMs: number, yes: boolean): Promise<string> {
  const pool = openPool(readSettings(process.env, 'service'));
  try {
    const summary = `${await countSince(pool, sinceMs)} transactions were decided since ${new Date(sinceMs).toISOString()}.`;
    if (!yes)
      return `${summary}\nNothing was changed. Repeat with --yes to have their events published again.`;
    const lanes = await announceAgain(pool, { sinceMs });
    return `${summary}\nThe events of ${lanes.length} lanes are published again by whoever takes them, a ledger must run.`;
  } finally {
    await pool.end();
  }
}

async function withLog<T>(work: (tools: Tools) => Promise<T>): Promise<T> {
  const settings = readSettings(process.env, 'service');
  const { subjects } = settings;
  const pool = openPool(settings);
  try {
    const nc = await openNats(settings, 'ledger');
    try {
      const log = await NatsLog.open(nc, subjects, createLogger('lanes', 'error'));
      return await work({ pool, log, subjects, end: () => endOfLog(nc, subjects) });
    } finally {
      await nc.close();
    }
  } finally {
    await pool.end();
  }
}

function repartitionTo(to: number, yes: boolean): Promise<string> {
  return withLog(async ({ pool, log, subjects, end: endNow }) => {
    const state = await readLedgerState(pool);
    if (state.storedLanes === 0)
      throw new UsageError('no ledger has run on this database yet: set LANES and start one');
    if (state.storedLanes === to) throw new UsageError(`the ledger has ${to} lanes already`);
    const end = await endNow();
    const obstacles = await findObstacles(state, { log, subjects }, end.seq);
    if (obstacles.length > 0)
      throw new UsageError(
        `not now, nothing was changed:\n${obstacles.map((text) => `  ${text}`).join('\n')}`,
      );
    const unpublished = await oldestUnpublished(pool, state.lanes);
    const plan = planPartition(state, { to, end, unpublished });
    const summary =
      `${plan.from} lanes become ${plan.to}. Every new lane begins after ${end.seq}, the log's last message, in stream ` +
      `epoch ${plan.streamEpoch}; events are published ${unpublished ? `from ${unpublished.streamSeq}` : 'up to there'}.`;
    if (!yes) return `${summary}\nNothing was changed. Repeat with --yes to do it.`;
    try {
      await repartition(pool, plan, state, async () => (await endNow()).seq);
    } catch (error) {
      if (error instanceof ChangedMeanwhileError)
        throw new UsageError(`nothing was changed: ${error.message}`);
      throw error;
    }
    return `${summary}\nDone. Set LANES=${to} for every service, and start them.`;
  });
}
