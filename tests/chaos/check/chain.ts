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
    balance += BigInt(row.balance_effect);
    if (BigInt(row.balance_after) !== balance)
      findings.add('conservation', `${where}: ends with ${row.balance_after}, calculated ${balance}`);
    if (!isPossible(row) || row.held_effect !== '0' || row.held_after !== '0')
      findings.add('conservation', `${where}: moves ${row.balance_effect} and holds ${row.held_effect}`);
    if (row.phone_number !== null && row.phone_commitment !== commitmentOf(row))
      findings.add('chain', `${where}: its number is not the one that it commits to`);
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
    if (row.type === 'reversal' && row.status === 'posted') {
      if (reversed.has(row.resolves!)) findings.add('exactly-once', `${where}: reverses a charge once more`);
      reversed.add(row.resolves!);
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

/** A rejected row moves nothing, a posted one nothing or its amount. Claims of the tills tell the direction. */
const isPossible = ({ status, amount, balance_effect: effect }: Row): boolean =>
  effect === '0' || (status === 'posted' && [amount, `-${amount}`].includes(effect));

/** The fields that a row's hash covers, in the order of docs/ledger.md. */
const HASHED = [
  ...(['vendor_id', 'seq', 'id', 'type', 'status', 'reason', 'amount'] as const),
  ...([
    'balance_effect',
    'held_effect',
    'balance_before',
    'balance_after',
    'held_before',
    'held_after',
  ] as const),
  ...(['phone_commitment', 'message_id', 'fingerprint', 'principal', 'source', 'reference'] as const),
  ...(['resolves', 'operator', 'livemode', 'details', 'stream', 'stream_epoch', 'stream_seq'] as const),
  ...(['stream_index', 'business_day', 'created_at', 'previous_hash'] as const),
];

/** The text that a row's hash covers. An absent value is empty; the details enter by their digest. */
export function canonicalText(row: Omit<Row, 'hash'>): string {
  const details = row.details === null ? null : sha256(row.details);
  const values = { ...row, details, created_at: new Date(Number(row.created_ms)).toISOString() };
  return ['b2b-charge/1', ...HASHED.map((name) => values[name] ?? '')].join('\n');
}

const commitmentOf = ({ phone_number, phone_salt }: Row): string =>
  sha256(Buffer.concat([Buffer.from(phone_salt!, 'hex'), Buffer.from(phone_number!)]));

const sha256 = (content: string | Buffer): string => digest('sha256', content);
