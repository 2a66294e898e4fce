import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { readLanes } from './check/rows.ts';
import { lastSeqOf } from './check/streams.ts';

const WITHIN_MS = 60_000;
const EVERY_MS = 200;

export class NoCalmError extends Error {
  override name = 'NoCalmError';
}

/**
 * Waits until every lane has an owner and is decided up to the end of the log, and every transaction is announced.
 * Throws NoCalmError with what is still open after a minute.
 */
export async function waitForCalm(db: pg.Pool, nc: NatsConnection): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const open = await whatIsOpen(db, nc).catch((error: Error) => error.message);
    if (open === null) return;
    if (Date.now() > deadline) throw new NoCalmError(open);
    await sleep(EVERY_MS);
  }
}

async function whatIsOpen(db: pg.Pool, nc: NatsConnection): Promise<string | null> {
  const end = await lastSeqOf(nc, 'LEDGER_COMMANDS');
  for (const { lane, owner, cursor_seq, ...row } of await readLanes(db)) {
    if (owner === null) return `lane ${lane} has no owner`;
    if (Number(cursor_seq) < end) return `lane ${lane} is at ${cursor_seq} of ${end}`;
    if (row.published_epoch !== row.stream_epoch || row.published_seq !== cursor_seq)
      return `lane ${lane} is announced up to ${row.published_seq} of ${cursor_seq}`;
  }
  return null;
}
