import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Claim } from '../load/book.ts';
import { canonicalText, checkChain } from './chain.ts';
import { checkClaims } from './claims.ts';
import { Findings } from './findings.ts';
import type { Row, VendorRow } from './rows.ts';

/** A checker that finds nothing proves nothing: each of these plants one defect and expects it to be named. */

const VENDOR = 7;
const CHARGES = [250n, 100n, 400n];

const hashOf = (row: Omit<Row, 'hash'>): string => sha256(canonicalText(row));
const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const PHONE = '+989121234567';
const SALT = 'ab'.repeat(16);
const COMMITMENT = sha256(Buffer.concat([Buffer.from(SALT, 'hex'), Buffer.from(PHONE)]));

/** A credit of 10.00 and three charges, as the ledger would write them. */
function chain(): Row[] {
  const rows: Row[] = [];
  let balance = 0n;
  for (const [index, amount] of [1_000n, ...CHARGES].entries()) {
    const before = balance;
    const type = index === 0 ? 'credit' : 'charge';
    balance += type === 'credit' ? amount : -amount;
    const row = {
      vendor_id: VENDOR,
      seq: String(index + 1),
      id: `id-${index}`,
      type,
      status: 'posted',
      reason: null,
      amount: String(amount),
      balance_effect: String(balance - before),
      held_effect: '0',
      held_before: '0',
      held_after: '0',
      phone_number: type === 'charge' ? PHONE : null,
      phone_salt: type === 'charge' ? SALT : null,
      phone_commitment: type === 'charge' ? COMMITMENT : null,
      balance_before: String(before),
      balance_after: String(balance),
      message_id: `key-${index}`,
      fingerprint: 'f'.repeat(32),
      principal: 'token:1',
      source: 'gateway',
      reference: null,
      resolves: null,
      operator: null,
      livemode: true,
      details: null,
      stream: 0,
      stream_epoch: 1,
      stream_seq: String(10 + index),
      stream_index: 0,
      business_day: '2026-11-24',
      created_ms: String(1_000 + index),
      previous_hash: rows.at(-1)?.hash ?? '0'.repeat(64),
    };
    rows.push({ ...row, hash: hashOf(row) });
  }
  return rows;
}

const headOf = (rows: readonly Row[]): VendorRow => {
  const head = rows.at(-1)!;
  return { vendor_id: VENDOR, balance: head.balance_after, seq: head.seq, head_hash: head.hash };
};

const claimsOf = (rows: readonly Row[]): Claim[] =>
  rows.map((row) => ({
    kind: row.type as Claim['kind'],
    vendorId: VENDOR,
    messageId: row.message_id,
    amount: BigInt(row.amount),
    phone: row.phone_number,
    reversalOf: null,
    openedAtMs: 0,
    underWay: 0,
    inDoubt: 0,
    denied: false,
    told: {
      outcome: 'posted',
      id: row.id,
      before: BigInt(row.balance_before),
      after: BigInt(row.balance_after),
    },
  }));

function checksFor(plant: (rows: Row[], claims: Claim[]) => void): string[] {
  const rows = chain();
  const claims = claimsOf(rows);
  plant(rows, claims);
  const findings = new Findings();
  const balance = checkChain(rows, headOf(rows), findings);
  const tally = checkClaims({ vendorId: VENDOR, claims }, rows, findings);
  if (balance !== tally) findings.add('conservation', 'tally');
  return [...new Set(findings.kept.map(({ check }) => check))].sort();
}

/** The row with its hash calculated anew: whoever forges it knows how. */
const forge = (row: Row, changed: Partial<Row>): Row => {
  const forged = { ...row, ...changed };
  return { ...forged, hash: hashOf(forged) };
};

test('honest books have no finding', () => {
  expect(checksFor(() => {})).toEqual([]);
});

test.each<[string, string[], (rows: Row[], claims: Claim[]) => void]>([
  ['a success that is not there', ['conservation', 'no-silent-loss'], (rows) => void rows.pop()],
  ['a row that nobody asked for', ['conservation', 'exactly-once'], (_, claims) => void claims.pop()],
  [
    'a denied sale that was executed',
    ['bounded-doubt', 'conservation'],
    (_, claims) => Object.assign(claims.at(-1)!, { told: null, denied: true }),
  ],
  ['content changed after the fact', ['chain'], (rows) => Object.assign(rows[2]!, { details: '{}' })],
  [
    'a link cut and forged',
    ['chain'],
    (rows) => void rows.splice(2, 1, forge(rows[2]!, { created_ms: '5' })),
  ],
  [
    'a number that was exchanged',
    ['chain'],
    (rows) => Object.assign(rows[2]!, { phone_number: '+989120000000' }),
  ],
  [
    'an effect in the other direction',
    ['conservation'],
    (rows) => void rows.splice(3, 1, forge(rows[3]!, { balance_effect: '400' })),
  ],
  ['a gap', ['chain', 'conservation', 'no-silent-loss'], (rows) => void rows.splice(2, 1)],
  [
    'a key executed twice',
    ['exactly-once', 'no-silent-loss'],
    (rows) => void rows.splice(3, 1, forge(rows[3]!, { message_id: 'key-2' })),
  ],
  [
    'a balance below zero',
    ['conservation', 'exactly-once', 'no-overdraft'],
    (rows) =>
      void rows.splice(
        3,
        1,
        forge(rows[3]!, { amount: '4000', balance_effect: '-4000', balance_after: '-3350' }),
      ),
  ],
  [
    'a sale out of the order of the log',
    ['serial'],
    (rows) => void rows.splice(3, 1, forge(rows[3]!, { stream_seq: '3' })),
  ],
  [
    'another outcome than was told',
    ['exactly-once'],
    (_, claims) =>
      Object.assign(claims[1]!, { told: { outcome: 'rejected', id: null, code: 'VENDOR_INACTIVE' } }),
  ],
])('found: %s', (_, expected, plant) => {
  expect(checksFor(plant)).toEqual(expect.arrayContaining(expected));
});
