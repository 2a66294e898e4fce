import { type CALLS, type CallResponse, formatMoney } from '@b2b-charge/contracts';
import { type Queryable, readCursor } from '@b2b-charge/runtime';
import type { z } from 'zod';
import { viewOf } from '../publish/outcome-of.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from '../store/rows.ts';

type Request = z.output<(typeof CALLS)['ledger.query.transactions']['request']>;

/** Where a page over all vendors ends: an id, which begins with its time. Of one vendor's it is the seq. */
const ALL_CURSOR = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The end of the year 9999, beyond which ISO 8601 has more digits than PostgreSQL reads. */
const MAX_TIME_MS = 253_402_300_799_999;

/** Transactions, newest first. Of one vendor: along its chain; of all: along the time. Errors: BAD_REQUEST. */
export async function listTransactions(
  db: Queryable,
  request: Request,
  currency: string,
): Promise<CallResponse<'ledger.query.transactions'>> {
  const asked = conditions(request);
  const page = pageOf(request, asked);
  const rows =
    request.vendor_id == null ? await newest(db, page, request) : await read(db, page, request.limit);
  const transactions = rows.slice(0, request.limit).map((row) => viewOf(toTransaction(row), currency));
  const last = transactions.at(-1);
  const next =
    rows.length > request.limit && last
      ? request.vendor_id == null
        ? last.transaction_id
        : String(last.seq)
      : null;
  return {
    transactions,
    next_cursor: next,
    summary: request.summary ? await summarize(db, asked) : null,
  };
}

interface Conditions {
  readonly where: readonly string[];
  readonly values: readonly unknown[];
}

interface Page extends Conditions {
  readonly order: string;
  /** Of a page over all vendors that is not the first: the time of the last transaction before it. */
  readonly before: string | null;
}

async function read(db: Queryable, { where, values, order }: Page, limit: number): Promise<TransactionRow[]> {
  const { rows } = await db.query<TransactionRow>(
    `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t WHERE ${where.join(' AND ')}
     ORDER BY ${order} LIMIT ${limit + 1}`,
    [...values],
  );
  return rows;
}

/** Seconds back from its end in which a page over all vendors is looked for, before it is looked for everywhere. */
const SPANS_S = [5, 60, 720, 8_640, 100_000, 1_200_000, 15_000_000];

/**
 * A page over all vendors is looked for in longer and longer spans of time, which the index by time finds: to sort all
 * that there is for its newest rows would take minutes one day.
 */
async function newest(db: Queryable, page: Page, { to, limit }: Request): Promise<TransactionRow[]> {
  const end = page.before ?? to ?? null;
  const place = page.values.length;
  const since = `t.created_at >= coalesce($${place + 1}::timestamptz, now()) - $${place + 2}::int * interval '1 s'`;
  for (const spanS of SPANS_S) {
    const span = { ...page, where: [...page.where, since], values: [...page.values, end, spanS] };
    const rows = await read(db, span, limit);
    if (rows.length > limit) return rows;
  }
  return read(db, page, limit);
}

function conditions(request: Request): Conditions {
  const values: unknown[] = [];
  const where: string[] = ['true'];
  const add = (condition: (placeholder: string) => string, value: unknown) => {
    if (value != null) where.push(condition(`$${values.push(value)}`));
  };
  add((p) => `t.vendor_id = ${p}`, request.vendor_id);
  add((p) => `t.type = ${p}`, request.type);
  add((p) => `t.status = ${p}`, request.status);
  add((p) => `t.phone_number = ${p}`, request.phone_number);
  add((p) => `t.message_id = ${p}`, request.message_id);
  add((p) => `t.reference = ${p}`, request.reference);
  add((p) => `t.principal = ${p}`, request.principal);
  if (request.vendor_id == null) {
    add((p) => `t.created_at >= ${p}::timestamptz`, request.from);
    add((p) => `t.created_at < ${p}::timestamptz`, request.to);
  } else {
    // Along a chain time and seq rise together, so a span of time is a range of the primary key.
    add((p) => `t.seq > (SELECT ledger.seq_before($1, ${p}::timestamptz))`, request.from);
    add((p) => `t.seq <= (SELECT ledger.seq_before($1, ${p}::timestamptz))`, request.to);
  }
  return { where, values };
}

function pageOf({ vendor_id, cursor }: Request, base: Conditions): Page {
  const values = [...base.values];
  if (vendor_id != null) {
    const seq = readCursor(cursor);
    const after = seq ? [`t.seq < $${values.push(seq)}`] : [];
    return { where: [...base.where, ...after], values, order: 't.seq DESC', before: null };
  }
  const order = 't.created_at DESC, t.id DESC';
  const id = readCursor(cursor, ALL_CURSOR);
  if (!id) return { ...base, order, before: null };
  const at = Math.min(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), MAX_TIME_MS);
  const before = new Date(at).toISOString();
  const time = `$${values.push(before)}::timestamptz`;
  // The first condition says nothing new, but it is the one that the index by time understands.
  const after = [`t.created_at <= ${time}`, `(t.created_at, t.id) < (${time}, $${values.push(id)}::uuid)`];
  return { where: [...base.where, ...after], values, order, before };
}

async function summarize(db: Queryable, { where, values }: Conditions) {
  const { rows } = await db.query<Record<'count' | 'charged' | 'credited' | 'reversed' | 'rejected', string>>(
    `SELECT count(*) AS count,
       coalesce(sum(amount) FILTER (WHERE type = 'charge' AND status = 'posted'), 0) AS charged,
       coalesce(sum(amount) FILTER (WHERE type = 'credit' AND status = 'posted'), 0) AS credited,
       coalesce(sum(amount) FILTER (WHERE type = 'reversal' AND status = 'posted'), 0) AS reversed,
       count(*) FILTER (WHERE status = 'rejected') AS rejected
     FROM ledger.transactions t WHERE ${where.join(' AND ')}`,
    [...values],
  );
  const [row] = rows;
  const sum = (text: string) => formatMoney(BigInt(text));
  return {
    count: Number(row!.count),
    charged: sum(row!.charged),
    credited: sum(row!.credited),
    reversed: sum(row!.reversed),
    rejected: Number(row!.rejected),
  };
}
