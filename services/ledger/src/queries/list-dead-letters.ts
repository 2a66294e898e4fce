import type { CALLS, CallResponse, DeadLetterReason } from '@b2b-charge/contracts';
import { type Queryable, readCursor } from '@b2b-charge/runtime';
import type { z } from 'zod';

type Request = z.output<(typeof CALLS)['ledger.query.dead-letters']['request']>;

interface Row {
  id: string;
  lane: number;
  stream_epoch: number;
  stream_seq: string;
  subject: string;
  message_id: string | null;
  reason: DeadLetterReason;
  detail: string;
  headers: string;
  payload: Buffer;
  created_at: Date;
  resubmitted_as: string | null;
}

/** Of a payload: the longest page must fit into one message. The CLI shows all of it. */
const PAYLOAD_BYTES = 2_048;
const CURSOR = /^(\d{1,5})-(\d{1,9})-(\d{1,16})$/;

/** Dead letters, newest first; the cursor is the id of the last one of the page before. Errors: BAD_REQUEST. */
export async function listDeadLetters(
  db: Queryable,
  { id, reason, limit, cursor }: Request,
): Promise<CallResponse<'ledger.query.dead-letters'>> {
  const [, lane, epoch, seq] = CURSOR.exec(readCursor(cursor, CURSOR) ?? '') ?? [];
  const [, ...place] = CURSOR.exec(id ?? '') ?? [];
  const { rows } = await db.query<Row>(
    `SELECT concat_ws('-', d.lane, d.stream_epoch, d.stream_seq) AS id, d.lane, d.stream_epoch, d.stream_seq, d.subject,
       d.message_id, d.reason, d.detail, d.headers, substring(d.payload FROM 1 FOR ${PAYLOAD_BYTES}) AS payload, d.created_at,
       d.resubmitted_as
     FROM ledger.dead_letters d
     WHERE ($1::text IS NULL OR d.reason = $1)
       AND ($2::int IS NULL OR (d.created_at, d.lane, d.stream_epoch, d.stream_seq) < (
         SELECT l.created_at, l.lane, l.stream_epoch, l.stream_seq FROM ledger.dead_letters l
         WHERE (l.lane, l.stream_epoch, l.stream_seq) = ($2, $3, $4)))
       AND ($6::int IS NULL OR (d.lane, d.stream_epoch, d.stream_seq) = ($6, $7::int, $8::bigint))
     ORDER BY d.created_at DESC, d.lane DESC, d.stream_epoch DESC, d.stream_seq DESC LIMIT $5`,
    [
      reason ?? null,
      ...[lane ?? null, epoch ?? null, seq ?? null],
      limit + 1,
      ...[place[0] ?? null, place[1] ?? null, place[2] ?? null],
    ],
  );
  const page = rows.slice(0, limit);
  return {
    dead_letters: page.map((row) => ({
      id: row.id,
      lane: row.lane,
      stream_epoch: row.stream_epoch,
      stream_seq: Number(row.stream_seq),
      subject: row.subject,
      message_id: row.message_id,
      reason: row.reason,
      detail: row.detail,
      headers: Object.fromEntries(JSON.parse(row.headers) as [string, string][]),
      payload_base64: row.payload.toString('base64'),
      created_at: row.created_at.toISOString(),
      resubmitted_as: row.resubmitted_as,
    })),
    next_cursor: rows.length > limit ? page.at(-1)!.id : null,
  };
}
