import type { Subjects } from '@b2b-charge/contracts';
import { createLogger, UsageError } from '@b2b-charge/runtime';
import type pg from 'pg';
import { AGAIN_MS, announceAgain, countSince } from '../lanes/announce-again.ts';
import { endOfLog } from '../lanes/end-of-log.ts';
import { findObstacles } from '../lanes/obstacles.ts';
import { readLedgerState } from '../lanes/read-lanes.ts';
import { ChangedMeanwhileError, planPartition, repartition } from '../lanes/repartition.ts';
import { oldestUnpublished } from '../lanes/unpublished-lanes.ts';
import { NatsLog } from '../log/nats-log.ts';
import type { Cursor } from '../process/ports.ts';
import { formatStatus } from './format-lanes.ts';
import { openNats, openPool, readSettings } from './settings.ts';

interface Tools {
  readonly pool: pg.Pool;
  readonly log: NatsLog;
  readonly subjects: Subjects;
  end(): Promise<Cursor>;
}

/** The owner and the progress of each lane: a table, or JSON. */
export const showLanes = (env: NodeJS.ProcessEnv, json: boolean): Promise<string> =>
  withLog(env, async ({ pool, end }) => formatStatus(await readLedgerState(pool), (await end()).seq, json));

/** Publishes again the events of everything decided since a time, or says how many. Throws UsageError. */
export async function republishSince(env: NodeJS.ProcessEnv, since: Date, yes: boolean): Promise<string> {
  const sinceMs = since.getTime();
  if (sinceMs < Date.now() - AGAIN_MS)
    throw new UsageError(
      `--since ${since.toISOString()} is more than six days ago: webhooks remember what they sent for seven days, and would send it again`,
    );
  const pool = openPool(readSettings(env, 'service'));
  try {
    const summary = `${await countSince(pool, sinceMs)} transactions were decided since ${since.toISOString()}.`;
    if (!yes) return `${summary}\nNothing was changed. Repeat with --yes to publish their events again.`;
    const lanes = await announceAgain(pool, { sinceMs });
    return `${summary}\nThe ledger processes that acquire the ${lanes.length} lanes next publish their events again.`;
  } finally {
    await pool.end();
  }
}

async function withLog<T>(env: NodeJS.ProcessEnv, work: (tools: Tools) => Promise<T>): Promise<T> {
  const settings = readSettings(env, 'service');
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

/** Changes the number of lanes, or says what it would change. Throws UsageError if it is not possible now. */
export function repartitionTo(env: NodeJS.ProcessEnv, to: number, yes: boolean): Promise<string> {
  return withLog(env, async ({ pool, log, subjects, end: endNow }) => {
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
