import { groupMoney } from '@b2b-charge/contracts';
import { finding, type NewFinding } from '../domain/finding.ts';
import { ANY_DEFECT, LINKED_ROWS, ROW_CONDITIONS, type RowDefect } from './row-checks.ts';
import type { Reader } from './snapshot.ts';

/** Defective rows of one span that are described one by one; their number stands in the report anyway. */
export const DEFECTS_DESCRIBED = 20;

const FLAGS = Object.entries(ROW_CONDITIONS)
  .map(([name, condition]) => `coalesce(${condition}, false) AS "is_${name}"`)
  .join(', ');

const SQL = `SELECT seq, id, type, status, reason, amount, balance_effect, balance_before, balance_after, p_seq, p_balance,
    p_stream_seq, stream_seq, created_at, p_created_at, encode(hash, 'hex') AS hash,
    encode(previous_hash, 'hex') AS previous_hash, encode(p_hash, 'hex') AS p_hash, ${FLAGS}
  FROM (SELECT x.* FROM (SELECT $1::int AS vendor_id, $2::bigint AS from_seq, $3::bigint AS to_seq) s
    CROSS JOIN LATERAL (${LINKED_ROWS}) x) linked
  WHERE seq > $2 AND (${ANY_DEFECT}) ORDER BY seq LIMIT ${DEFECTS_DESCRIBED}`;

interface DefectRow extends Record<`is_${RowDefect}`, boolean> {
  seq: string;
  id: string;
  type: string;
  status: string;
  reason: string | null;
  amount: string;
  balance_effect: string;
  balance_before: string;
  balance_after: string;
  p_seq: string | null;
  p_balance: string | null;
  p_stream_seq: string | null;
  stream_seq: string;
  created_at: Date;
  p_created_at: Date | null;
  hash: string;
  previous_hash: string;
  p_hash: string | null;
}

/** Says of each defective row what is wrong with it, by the name of the invariant. */
export async function readDefects(
  reader: Reader,
  span: { vendorId: number; fromSeq: number; toSeq: number },
): Promise<NewFinding[]> {
  const rows = await reader.query<DefectRow>(SQL, [span.vendorId, span.fromSeq, span.toSeq]);
  return rows.flatMap((row) => describeRow(span.vendorId, row));
}

const grouped = (minor: string | null): string => groupMoney(BigInt(minor ?? 0));

/** What each defect is called, what was expected and what stands there. */
const DESCRIPTIONS: Record<
  RowDefect,
  (row: DefectRow) => Pick<NewFinding, 'check' | 'message' | 'expected' | 'found'>
> = {
  content: (row) => ({
    check: 'chain',
    message: 'the content does not fit the hash: the row was changed after it was written',
    expected: 'the hash of its content',
    found: row.hash,
  }),
  number: (row) => ({
    check: 'chain',
    message: 'the numbers have a gap or repeat themselves',
    expected: String(Number(row.p_seq ?? 0) + 1),
    found: row.seq,
  }),
  opening: (row) => ({
    check: 'chain',
    message: "the balance before is not the predecessor's balance after",
    expected: grouped(row.p_balance),
    found: grouped(row.balance_before),
  }),
  link: (row) => ({
    check: 'chain',
    message: "the previous hash is not the predecessor's hash",
    expected: row.p_hash ?? '0'.repeat(64),
    found: row.previous_hash,
  }),
  effect: (row) => ({
    check: 'conservation',
    message: `the balance moved by something else than this ${row.status} ${row.type}`,
    expected: `what a ${row.status} ${row.type} of ${grouped(row.amount)} moves`,
    found: `${grouped(row.balance_effect)}, from ${grouped(row.balance_before)} to ${grouped(row.balance_after)}`,
  }),
  overdraft: (row) => ({
    check: 'no-overdraft',
    message: 'the balance is negative or below what is held',
    expected: 'zero or more, and at least what is held',
    found: grouped(row.balance_after),
  }),
  order: (row) => ({
    check: 'serial',
    message: 'decided before a command that stands earlier in the log',
    expected: `after ${row.p_stream_seq}`,
    found: row.stream_seq,
  }),
  time: (row) => ({
    check: 'serial',
    message: 'decided at an earlier time or on an earlier business day than its predecessor',
    expected: `${row.p_created_at?.toISOString()} or later`,
    found: row.created_at.toISOString(),
  }),
  phone: (row) => ({
    check: 'chain',
    message: 'the phone number is not the one that the hash commits to',
    expected: row.type === 'charge' ? 'the number of the commitment' : 'no number',
    found: 'another',
  }),
  identity: (row) => ({
    check: 'chain',
    message: 'the id does not say the time, vendor and number of the row',
    expected: 'the id of its place',
    found: row.id,
  }),
  mode: () => ({
    check: 'chain',
    message: 'the row says live of a test vendor, or test of a live one',
    expected: 'the mode that the vendor was opened in',
    found: 'the other',
  }),
  refusal: (row) => ({
    check: 'conservation',
    message: 'the reason does not fit the row',
    expected: row.status === 'rejected' ? 'a reason that holds' : 'no reason',
    found: row.reason ?? 'none',
  }),
};

function describeRow(vendorId: number, row: DefectRow): NewFinding[] {
  const defects = (Object.keys(ROW_CONDITIONS) as RowDefect[]).filter((name) => row[`is_${name}`]);
  return defects.map((name) =>
    finding({ ...DESCRIPTIONS[name](row), vendorId, seq: Number(row.seq), transactionId: row.id }),
  );
}
