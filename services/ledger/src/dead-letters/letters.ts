import type pg from 'pg';
import { LetterRefusal } from './letter-refusal.ts';

export interface LetterId {
  readonly lane: number;
  readonly streamEpoch: number;
  readonly streamSeq: number;
}

/** A row of ledger.dead_letters. */
export interface Letter extends LetterId {
  readonly subject: string;
  readonly messageId: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly payload: Uint8Array;
  readonly createdAt: Date;
  readonly resubmittedAs: string | null;
}

interface Row {
  lane: number;
  stream_epoch: number;
  stream_seq: string;
  subject: string;
  message_id: string | null;
  reason: string;
  detail: string;
  headers: string;
  payload: Uint8Array;
  created_at: Date;
  resubmitted_as: string | null;
}

const COLUMNS =
  'lane, stream_epoch, stream_seq, subject, message_id, reason, detail, headers, payload, created_at, resubmitted_as';

/** `<lane>/<epoch>/<seq>`; with "-" in between, as the API writes it, it is the same. Throws LetterRefusal. */
export function parseLetterId(text: string | undefined): LetterId {
  const match = /^(\d{1,5})[-/](\d{1,9})[-/](\d{1,16})$/.exec(text ?? '');
  if (!match)
    throw new LetterRefusal('NOT_FOUND', `${text ?? 'nothing'}: a dead letter is named <lane>/<epoch>/<seq>`);
  return { lane: Number(match[1]), streamEpoch: Number(match[2]), streamSeq: Number(match[3]) };
}

export const formatLetterId = ({ lane, streamEpoch, streamSeq }: LetterId): string =>
  `${lane}/${streamEpoch}/${streamSeq}`;

/** The newest first. */
export async function listLetters(
  pool: pg.Pool,
  { reason, limit, open }: { reason: string | undefined; limit: number; open: boolean },
): Promise<Letter[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM ledger.dead_letters
     WHERE ($1::text IS NULL OR reason = $1) AND (NOT $3 OR resubmitted_as IS NULL)
     ORDER BY created_at DESC, lane, stream_epoch DESC, stream_seq DESC LIMIT $2`,
    [reason ?? null, limit, open],
  );
  return rows.map(toLetter);
}

/** Throws LetterRefusal if there is none. */
export async function getLetter(pool: pg.Pool, id: LetterId): Promise<Letter> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM ledger.dead_letters WHERE (lane, stream_epoch, stream_seq) = ($1, $2, $3)`,
    [id.lane, id.streamEpoch, id.streamSeq],
  );
  if (!rows[0]) throw new LetterRefusal('NOT_FOUND', `there is no dead letter ${formatLetterId(id)}`);
  return toLetter(rows[0]);
}

export interface SentAgain {
  readonly messageId: string;
  /** Who did it, from where (a request's id, a machine), and why. */
  readonly by: string;
  readonly origin: string | null;
  readonly note: string | null;
}

/** Marks a letter, and adds to the record of what was sent again: in one statement. */
export async function recordResubmission(
  pool: pg.Pool,
  id: LetterId,
  { messageId, by, origin, note }: SentAgain,
): Promise<void> {
  await pool.query(
    `WITH marked AS (
       UPDATE ledger.dead_letters SET resubmitted_as = $4 WHERE (lane, stream_epoch, stream_seq) = ($1, $2, $3)
       RETURNING lane, stream_epoch, stream_seq)
     INSERT INTO ledger.resubmissions (lane, stream_epoch, stream_seq, message_id, actor, origin, note)
     SELECT lane, stream_epoch, stream_seq, $4, $5, $6, $7 FROM marked`,
    [id.lane, id.streamEpoch, id.streamSeq, messageId, by, origin, note],
  );
}

const toLetter = (row: Row): Letter => ({
  lane: row.lane,
  streamEpoch: row.stream_epoch,
  streamSeq: Number(row.stream_seq),
  subject: row.subject,
  messageId: row.message_id,
  reason: row.reason,
  detail: row.detail,
  headers: JSON.parse(row.headers) as [string, string][],
  payload: row.payload,
  createdAt: row.created_at,
  resubmittedAs: row.resubmitted_as,
});
