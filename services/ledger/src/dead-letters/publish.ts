import { setTimeout as sleep } from 'node:timers/promises';
import type { Subjects } from '@b2b-charge/contracts';
import { jetstream } from '@nats-io/jetstream';
import { type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import type pg from 'pg';
import { formatHolder, readKeyState } from './key-state.ts';
import type { Resubmission } from './resubmission.ts';

const ACK_MS = 10_000;
const ASK_EVERY_MS = 100;

/** Puts it into the command log. Returns its sequence. */
export async function publish(
  nc: NatsConnection,
  { subject, headers, payload }: Resubmission,
): Promise<number> {
  const head = natsHeaders();
  for (const [name, value] of headers) head.set(name, value);
  const ack = await jetstream(nc, { checkAPI: false }).publish(subject, payload, {
    headers: head,
    timeout: ACK_MS,
  });
  return ack.seq;
}

/** What became of it, in words; null if the books do not tell within this time. */
export async function awaitOutcome(
  pool: pg.Pool,
  { vendorId, messageId, subject }: Resubmission,
  { seq, subjects, withinMs }: { seq: number; subjects: Subjects; withinMs: number },
): Promise<string | null> {
  const giveUpAt = Date.now() + withinMs;
  while (Date.now() < giveUpAt) {
    const { holder } = await readKeyState(pool, vendorId, messageId);
    if (holder) return formatHolder(holder);
    const unexecuted = await lookUpUnexecuted(pool, vendorId, { lane: subjects.laneIn(subject)!, seq });
    if (unexecuted) return unexecuted;
    await sleep(ASK_EVERY_MS);
  }
  return null;
}

async function lookUpUnexecuted(
  pool: pg.Pool,
  vendorId: number,
  { lane, seq }: { lane: number; seq: number },
) {
  const dead = await pool.query<{ why: string }>(
    `SELECT concat('a dead letter again, ', d.lane, '/', d.stream_epoch, '/', d.stream_seq, ': ', reason, ': ', detail) AS why
     FROM ledger.dead_letters d JOIN ledger.lanes l USING (lane, stream_epoch) WHERE d.lane = $1 AND d.stream_seq = $2`,
    [lane, seq],
  );
  if (dead.rows[0]) return dead.rows[0].why;
  const expired = await pool.query(
    `SELECT FROM ledger.expirations e JOIN ledger.lanes l ON l.lane = $1 AND l.stream_epoch = e.stream_epoch
     WHERE e.vendor_id = $2 AND e.stream_seq = $3`,
    [lane, vendorId, seq],
  );
  return expired.rows.length > 0 ? 'expired before a ledger came to it: nothing was done' : null;
}
