import { groupMoney } from '@b2b-charge/contracts';
import { finding, LISTED, type NewFinding, orMore } from '../domain/finding.ts';
import type { Reader } from './snapshot.ts';

/** The vendor and number that a transaction id names: the last 62 bits but for the vendor's upper twelve. */
const HEX = `replace(r.resolves::text, '-', '')`;
const NAMED_VENDOR = `((('x' || substr(${HEX}, 14, 3))::bit(12)::int << 20)
  | ((('x' || substr(${HEX}, 17, 16))::bit(64)::bigint & 4611686018427387903) >> 42)::int)`;
/** The largest balance, minor units. */
const LARGEST = '999999999999999';
const NAMED_SEQ = `(('x' || right(${HEX}, 12))::bit(48)::bigint & 4398046511103)`;

/** A rejected reversal names a transaction too; its amount is that of the charge, or 0 without one. */
const SQL = `SELECT r.vendor_id, r.seq, r.id, r.status, r.reason, r.amount, r.resolves, r.named_vendor,
    c.id AS c_id, c.type AS c_type, c.status AS c_status, c.amount AS c_amount, c.seq AS c_seq, r.times, r.expected
  FROM (
    SELECT r.*, c.id AS found_id, CASE
        WHEN c.id IS NULL OR c.type <> 'charge' OR c.status <> 'posted' THEN 'NOT_REVERSIBLE'
        WHEN r.reversed_before THEN 'ALREADY_REVERSED'
        WHEN r.balance_before + c.amount > ${LARGEST} THEN 'BALANCE_LIMIT_EXCEEDED' END AS expected
    FROM (
      SELECT r.vendor_id, r.seq, r.id, r.status, r.reason, r.amount, r.balance_before, r.resolves,
        ${NAMED_VENDOR} AS named_vendor, ${NAMED_SEQ} AS named_seq,
        count(*) FILTER (WHERE r.status = 'posted') OVER (PARTITION BY r.vendor_id, r.resolves) AS times,
        r.status = 'rejected' AND EXISTS (SELECT FROM ledger.transactions e WHERE e.vendor_id = r.vendor_id
          AND e.resolves = r.resolves AND e.status = 'posted' AND e.seq < r.seq) AS reversed_before
      FROM ledger.transactions r
      WHERE r.type = 'reversal'
        AND ($1::timestamptz IS NULL OR r.created_at >= $1) AND ($2::int IS NULL OR r.vendor_id = $2)
    ) r LEFT JOIN ledger.transactions c ON r.named_vendor = r.vendor_id AND c.vendor_id = r.vendor_id
      AND c.seq = r.named_seq AND c.seq < r.seq AND c.id = r.resolves
  ) r LEFT JOIN ledger.transactions c ON c.vendor_id = r.vendor_id AND c.seq = r.named_seq
  WHERE CASE WHEN r.status = 'posted'
    THEN r.named_vendor <> r.vendor_id OR c.id IS DISTINCT FROM r.resolves OR c.type <> 'charge'
      OR c.status <> 'posted' OR c.amount <> r.amount OR c.seq >= r.seq OR r.times > 1
    ELSE r.reason IS DISTINCT FROM r.expected
      OR r.amount <> CASE WHEN r.found_id IS NULL THEN 0 ELSE c.amount END END
  ORDER BY r.vendor_id, r.seq LIMIT ${LISTED}`;

interface Row {
  vendor_id: number;
  seq: string;
  id: string;
  status: string;
  reason: string | null;
  expected: string | null;
  amount: string;
  resolves: string;
  named_vendor: number;
  c_id: string | null;
  c_type: string | null;
  c_status: string | null;
  c_amount: string | null;
  times: string;
}

/** Every posted reversal reverses one earlier posted charge of the same vendor, once, in full; the others may not. */
export async function checkReversals(
  reader: Reader,
  scope: { since: Date | null; vendorId: number | null },
): Promise<NewFinding[]> {
  const rows = await reader.query<Row>(SQL, [scope.since, scope.vendorId]);
  const found = rows.map((row) =>
    finding({
      ...describe(row),
      vendorId: row.vendor_id,
      seq: Number(row.seq),
      transactionId: row.id,
    }),
  );
  return orMore(found);
}

function describe(row: Row): Pick<NewFinding, 'check' | 'message' | 'expected' | 'found'> {
  if (row.status === 'rejected') {
    return {
      check: 'reversals',
      message: 'decided again, this rejected reversal has another outcome',
      expected: row.expected ?? `posted, ${groupMoney(BigInt(row.c_amount ?? 0))}`,
      found: `${row.reason}, ${groupMoney(BigInt(row.amount))}`,
    };
  }
  if (row.named_vendor !== row.vendor_id) {
    return {
      check: 'tenancy',
      message: "the reversal names another vendor's transaction",
      expected: `vendor ${row.vendor_id}`,
      found: `vendor ${row.named_vendor}`,
    };
  }
  if (row.c_id !== row.resolves) {
    return {
      check: 'reversals',
      message: 'the reversed charge does not exist',
      expected: row.resolves,
      found: row.c_id ?? 'nothing',
    };
  }
  if (Number(row.times) > 1) {
    return {
      check: 'reversals',
      message: 'the charge was reversed more than once',
      expected: '1',
      found: row.times,
    };
  }
  return {
    check: 'reversals',
    message: 'the reversal does not fit its charge',
    expected: `an earlier posted charge of ${groupMoney(BigInt(row.amount))}`,
    found: `${row.c_status} ${row.c_type} of ${groupMoney(BigInt(row.c_amount ?? 0))}`,
  };
}
