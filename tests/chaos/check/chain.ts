import { hash as digest } from 'node:crypto';
import type { Findings } from './findings.ts';
import type { Row, VendorRow } from './rows.ts';

const GENESIS = '0'.repeat(64);

/** Of a vendor's rows in their order: numbers, balances, hashes, each calculated anew. Returns the last balance. */
export function checkChain(rows: readonly Row[], stored: VendorRow, findings: Findings): bigint {
  let balance = 0n;
  let hash = GENESIS;
  const keys = new Set<string>();
  const reversed = new Set<string>();
  let place: readonly [number, number] = [0, 0];
  rows.forEach((row, index) => {
    const where = `vendor ${row.vendor_id}, transaction ${row.seq}`;
    if (Number(row.seq) !== index + 1) findings.add('chain', `${where}: number ${index + 1} was expected`);
    if (BigInt(row.balance_before) !== balance)
      findings.add(
        'chain',
        `${where}: begins with ${row.balance_before}, the one before ended with ${balance}`,
      );
    balance += effectOf(row);
    if (BigInt(row.balance_after) !== balance)
      findings.add('conservation', `${where}: ends with ${row.balance_after}, calculated ${balance}`);
    if (balance < 0n) findings.add('no-overdraft', `${where}: the balance is ${balance}`);
    if (row.previous_hash !== hash) findings.add('chain', `${where}: does not name its predecessor's hash`);
    if (row.hash !== sha256(canonicalText(row)))
      findings.add('chain', `${where}: its hash is not its content's`);
    const next = [row.stream_epoch, Number(row.stream_seq)] as const;
    if (next[0] < place[0] || (next[0] === place[0] && next[1] <= place[1]))
      findings.add('serial', `${where}: decided from log ${next.join('/')}, after ${place.join('/')}`);
    place = next;
    if (keys.has(row.message_id))
      findings.add('exactly-once', `${where}: key ${row.message_id} was executed before`);
    keys.add(row.message_id);
    if (row.type === 'reversal' && row.status === 'approved') {
      if (reversed.has(row.reversal_of!))
        findings.add('exactly-once', `${where}: reverses a charge once more`);
      reversed.add(row.reversal_of!);
    }
    hash = row.hash;
  });
  const head = `vendor ${stored.vendor_id}: its row says`;
  if (BigInt(stored.balance) !== balance)
    findings.add('conservation', `${head} ${stored.balance}, calculated ${balance}`);
  if (Number(stored.seq) !== rows.length)
    findings.add('chain', `${head} ${stored.seq} transactions of ${rows.length}`);
  if (stored.head_hash !== hash) findings.add('chain', `${head} another head than its chain has`);
  return balance;
}

function effectOf({ status, type, amount }: Row): bigint {
  if (status !== 'approved') return 0n;
  if (type === 'charge') return -BigInt(amount);
  return type === 'credit' || type === 'reversal' ? BigInt(amount) : 0n;
}

/** As docs/ledger.md describes it. */
const canonicalText = (row: Row): string =>
  [
    'v1',
    row.vendor_id,
    row.seq,
    row.id,
    row.type,
    row.status,
    row.reason ?? '',
    row.amount,
    row.phone_number ?? '',
    row.balance_before,
    row.balance_after,
    row.message_id,
    row.fingerprint,
    row.source,
    row.stream_epoch,
    row.stream_seq,
    row.reversal_of ?? '',
    row.details ?? '',
    row.created_ms,
    row.previous_hash,
  ].join('\n');

const sha256 = (text: string): string => digest('sha256', text);
