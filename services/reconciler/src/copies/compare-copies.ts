import { balanceCopyKey, groupMoney, redisPrefix } from '@b2b-charge/contracts';
import type { Redis } from 'ioredis';
import type { Reader } from '../audit/snapshot.ts';
import { finding, levelOfDifference, type NewFinding } from '../domain/finding.ts';

/** A vendor's balance as a snapshot of the books has it. */
export interface KnownBalance {
  readonly vendorId: number;
  readonly seq: number;
  readonly balance: bigint;
}

interface CompareOptions {
  readonly redis: Redis;
  readonly namespace: string;
  /** Sees the present, not the snapshot: copies may be newer than that. */
  readonly present: Reader;
  readonly minorLimit: bigint;
}

/** A copy that lags for longer was not just overtaken: Redis was away when its vendor last sold. */
const LAG_ALLOWED_MS = 60_000;

export interface CopiesResult {
  readonly findings: readonly NewFinding[];
  /** Copies that are right for the transaction they name, which is no longer the last one. */
  readonly lagging: number;
}

/**
 * Holds the balance copies in Redis against the books. Neither a missing nor a lagging copy is a finding: Redis is
 * disposable, and a copy says which transaction it is of.
 */
export async function compareCopies(
  options: CompareOptions,
  known: readonly KnownBalance[],
): Promise<CopiesResult> {
  const { redis, namespace } = options;
  const prefix = redisPrefix(namespace);
  const pipeline = redis.pipeline();
  for (const { vendorId } of known) pipeline.hmget(balanceCopyKey(prefix, vendorId), 'seq', 'balance');
  const replies = (await pipeline.exec()) ?? [];
  const found: NewFinding[] = [];
  const others: Copy[] = [];
  for (const [index, [error, reply]] of replies.entries()) {
    if (error) throw error;
    const copy = toCopy(known[index]!, reply as (string | null)[]);
    if (copy === null) continue;
    if (copy.seq === copy.books.seq)
      found.push(...compareValue(copy, copy.books.balance, options.minorLimit));
    else others.push(copy);
  }
  if (others.length === 0) return { findings: found, lagging: 0 };
  const { findings, lagging } = await compareOthers(options, others);
  return { findings: [...found, ...findings], lagging };
}

interface Copy {
  readonly books: KnownBalance;
  readonly seq: number;
  readonly balance: bigint | null;
  readonly text: string;
}

function toCopy(books: KnownBalance, [seq, balance]: (string | null)[]): Copy | null {
  if (seq == null && balance == null) return null;
  const text = `${balance} at ${seq}`;
  const readable = /^[0-9]{1,15}$/.test(seq ?? '') && /^-?[0-9]{1,19}$/.test(balance ?? '');
  return {
    books,
    text,
    seq: readable ? Number(seq) : books.seq,
    balance: readable ? BigInt(balance!) : null,
  };
}

function compareValue(copy: Copy, expected: bigint, minorLimit: bigint): NewFinding[] {
  if (copy.balance === expected) return [];
  return [
    finding({
      check: 'redis-copies',
      message: 'the copy of the balance in Redis is not the balance after that transaction',
      vendorId: copy.books.vendorId,
      seq: copy.seq,
      expected: groupMoney(expected),
      found: copy.balance === null ? copy.text : groupMoney(copy.balance),
      level: copy.balance === null ? 'CRITICAL' : levelOfDifference(copy.balance - expected, minorLimit),
      fixable: true,
    }),
  ];
}

interface PlaceRow {
  n: number;
  balance_after: string | null;
  vendor_seq: string;
  next_age_ms: number | null;
}

const PLACES = `SELECT i.n::int, t.balance_after, v.seq AS vendor_seq,
    extract(epoch FROM clock_timestamp() - next.created_at)::float8 * 1000 AS next_age_ms
  FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS i (vendor_id, seq, n)
  JOIN ledger.vendors v ON v.vendor_id = i.vendor_id
  LEFT JOIN ledger.transactions t ON t.vendor_id = i.vendor_id AND t.seq = i.seq
  LEFT JOIN ledger.transactions next ON next.vendor_id = i.vendor_id AND next.seq = i.seq + 1`;

/** Copies of another place in the chain than the snapshot's: newer ones are right, older ones may only lag. */
async function compareOthers(
  { present, minorLimit }: CompareOptions,
  copies: readonly Copy[],
): Promise<CopiesResult> {
  const rows = await present.query<PlaceRow>(PLACES, [
    copies.map((copy) => copy.books.vendorId),
    copies.map((copy) => copy.seq),
  ]);
  const found: NewFinding[] = [];
  let lagging = 0;
  for (const row of rows) {
    const copy = copies[row.n - 1]!;
    if (row.balance_after === null) {
      found.push(
        finding({
          check: 'redis-copies',
          message: 'the copy in Redis is of a transaction that does not exist: it would never be replaced',
          vendorId: copy.books.vendorId,
          seq: copy.seq,
          expected: `at most transaction ${row.vendor_seq}`,
          found: copy.text,
        }),
      );
      continue;
    }
    found.push(...compareValue(copy, BigInt(row.balance_after), minorLimit));
    if (row.next_age_ms !== null && row.next_age_ms > LAG_ALLOWED_MS) lagging++;
  }
  return { findings: found, lagging };
}
