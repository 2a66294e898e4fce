import { canonicalJson, formatMoney, type TransactionView } from '@b2b-charge/contracts';
import type { StoredMsg } from '@nats-io/jetstream';
import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

/** What was published of a transaction; null if the message is no event. */
export interface PublishedEvent {
  readonly streamSeq: number;
  readonly transaction: TransactionView | null;
}

export function parseEvent(message: StoredMsg): PublishedEvent {
  const { seq: streamSeq } = message;
  try {
    const transaction = message.json<{ transaction?: TransactionView }>().transaction;
    const isPlace = Number.isInteger(transaction?.vendor_id) && Number.isSafeInteger(transaction?.seq);
    return { streamSeq, transaction: isPlace && transaction ? transaction : null };
  } catch {
    return { streamSeq, transaction: null };
  }
}

/** The columns of a row that an event repeats, as the event writes them. */
const ROWS = `SELECT i.n::int, t.id AS transaction_id, t.type, t.status, t.reason, t.amount, t.balance_before,
    t.balance_after, t.phone_number, t.phone_commitment IS NOT NULL AND t.phone_number IS NULL AS phone_erased, t.message_id,
    t.principal, t.source, t.reference, t.resolves, t.operator, t.livemode, t.business_day::text AS business_day,
    (date_part('epoch', t.created_at) * 1000)::bigint AS created_ms, t.details
  FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS i (vendor_id, seq, n)
  JOIN ledger.transactions t ON t.vendor_id = i.vendor_id AND t.seq = i.seq`;

interface Row extends Record<(typeof SAME)[number], string | boolean | null> {
  n: number;
  amount: string;
  balance_before: string;
  balance_after: string;
  phone_number: string | null;
  phone_erased: boolean;
  created_ms: string;
  details: string | null;
}

const SAME = [
  'transaction_id',
  'type',
  'status',
  'reason',
  'message_id',
  'principal',
  'source',
  'reference',
  'resolves',
  'operator',
  'livemode',
  'business_day',
] as const;

/** Every event has its row, unchanged but for an erased phone number. */
export async function matchEvents(
  reader: Reader,
  events: readonly PublishedEvent[],
): Promise<readonly NewFinding[]> {
  const rows = await reader.query<Row>(ROWS, [
    events.map(({ transaction }) => transaction?.vendor_id ?? 0),
    events.map(({ transaction }) => transaction?.seq ?? 0),
  ]);
  const byEvent = new Map(rows.map((row) => [row.n - 1, row]));
  return events.flatMap((event, index) => compare(event, byEvent.get(index)));
}

function compare({ streamSeq, transaction }: PublishedEvent, row: Row | undefined): NewFinding[] {
  if (!transaction) {
    return [
      finding({
        check: 'append-only',
        message: 'a message of LEDGER_EVENTS is no event: somebody besides the ledger can write there',
        expected: `a transaction at ${streamSeq}`,
        found: 'another message',
      }),
    ];
  }
  const differs = row ? differencesOf(transaction, row) : ['all of it'];
  if (differs.length === 0) return [];
  return [
    finding({
      check: 'append-only',
      message: row
        ? `the transaction is not the one that was published: ${differs.join(', ')}`
        : 'a transaction that was published is gone',
      vendorId: transaction.vendor_id,
      seq: transaction.seq,
      transactionId: String(transaction.transaction_id),
      expected: `${transaction.status} ${transaction.type} of ${transaction.amount}, event ${streamSeq}`,
      found: row ? `${row.status} ${row.type} of ${formatMoney(BigInt(row.amount))}` : 'nothing',
    }),
  ];
}

function differencesOf(event: TransactionView, row: Row): string[] {
  const differs: string[] = SAME.filter((name) => event[name] !== row[name]);
  for (const name of ['amount', 'balance_before', 'balance_after'] as const)
    if (event[name] !== formatMoney(BigInt(row[name]))) differs.push(name);
  if (!row.phone_erased && event.phone_number !== row.phone_number) differs.push('phone_number');
  if (Date.parse(event.created_at) !== Number(row.created_ms)) differs.push('created_at');
  if (detailsOf(event) !== (row.details === '{}' ? null : row.details)) differs.push('details');
  return differs;
}

/** An event has the sender's metadata apart from the other details. */
function detailsOf({ metadata, details }: TransactionView): string | null {
  if (metadata === null && details === null) return null;
  return canonicalJson({ ...details, ...(metadata === null ? {} : { metadata }) });
}
