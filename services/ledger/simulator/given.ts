import {
  businessDay,
  type CommandRequest,
  fingerprint,
  type MessageId,
  type Money,
  phoneCommitment,
  type TransactionId,
  transactionId,
  type VendorId,
} from '@b2b-charge/contracts';
import type { Command, LogEntry } from '../src/domain/command.ts';
import type { Decision } from '../src/domain/decide.ts';
import { decideBatch } from '../src/domain/decide-batch.ts';
import { sealTransaction, type Transaction } from '../src/domain/transaction.ts';
import { unopened, type VendorState } from '../src/domain/vendor-state.ts';
import { writesOf } from '../src/process/commit-batch.ts';
import { Books } from './books.ts';

/** Words to write histories with, in tests. */
export const CURRENCY = 'IRT';
export const TEHRAN = 'Asia/Tehran';
export const VENDOR = 7 as VendorId;
export const OTHER_VENDOR = 8 as VendorId;
export const PHONE = '+989123456789';
export const PHONE_SALT_KEY = Buffer.alloc(32, 7);
export const SALT = '5a'.repeat(16);
/** The salt that the ledger takes for a request whose publisher sent none. */
export const saltOf = (request: CommandRequest): string | null =>
  request.type === 'charge' ? (request.phone_salt ?? SALT) : null;
/** A Tuesday, half past three in the afternoon in Tehran. */
export const NOON = Date.parse('2026-11-24T12:00:00Z');
/** The first moment of the 25th in Tehran. */
export const MIDNIGHT = Date.parse('2026-11-24T20:30:00Z');

export const money = (minor: number | bigint): Money => BigInt(minor) as Money;
export const charge = (amount: string): CommandRequest => ({ type: 'charge', phone_number: PHONE, amount });
export const credit = (amount: string): CommandRequest => ({ type: 'credit', amount });
export const reverse = (transaction_id: string): CommandRequest => ({
  type: 'reverse',
  transaction_id,
  reason: 'a wrong number',
});
export const open = (daily_limit?: string | null): CommandRequest =>
  daily_limit === undefined
    ? { type: 'open-vendor', name: 'TechCorp' }
    : { type: 'open-vendor', name: 'TechCorp', daily_limit };
export const update = (
  change: Omit<Extract<CommandRequest, { type: 'update-vendor' }>, 'type'>,
): CommandRequest => ({ type: 'update-vendor', ...change });

/** A vendor with money and no limit, seven transactions old; what a test changes of it. */
export const vendor = (change: Partial<VendorState> = {}): VendorState => ({
  ...unopened(VENDOR),
  name: 'TechCorp',
  balance: money(100_000),
  businessDay: '2026-11-24',
  seq: 7,
  headHash: 'ab'.repeat(32),
  openedAtMs: NOON - 1_000_000,
  updatedAtMs: NOON - 1_000,
  ...change,
});

/** A posted charge of 300.00, the vendor's fifth transaction; what a test changes of it. */
export const posted = (change: Partial<Transaction> = {}): Transaction => {
  const { vendorId = VENDOR, seq = 5, createdAtMs = NOON - 60_000 } = change;
  const place = { vendorId, seq, createdAtMs };
  return sealTransaction({
    ...place,
    id: transactionId(place),
    type: 'charge',
    status: 'posted',
    reason: null,
    amount: money(30_000),
    balanceEffect: -30_000n,
    heldEffect: 0n,
    balanceBefore: money(130_000),
    balanceAfter: money(100_000),
    heldBefore: money(0),
    heldAfter: money(0),
    phoneNumber: PHONE,
    phoneSalt: SALT,
    phoneCommitment: phoneCommitment(SALT, PHONE),
    messageId: 'first' as MessageId,
    fingerprint: '0'.repeat(32),
    principal: 'system:test',
    source: 'test',
    reference: null,
    resolves: null,
    operator: null,
    livemode: true,
    details: null,
    stream: 0,
    streamEpoch: 1,
    streamSeq: 5,
    streamIndex: 0,
    businessDay: businessDay(createdAtMs, TEHRAN),
    previousHash: 'cd'.repeat(32),
    ...change,
  });
};

export const idOf = (vendorId: VendorId, seq: number): TransactionId =>
  transactionId({ vendorId, seq, createdAtMs: NOON - 60_000 });

interface Sent {
  readonly request: CommandRequest;
  readonly key?: string;
  readonly vendorId?: VendorId;
  readonly deadline?: number | null;
  readonly streamSeq?: number;
  readonly streamEpoch?: number;
}

let sent = 0;

export const command = ({ request, key, vendorId, deadline, streamSeq, streamEpoch }: Sent): Command => ({
  kind: 'command',
  lane: 0,
  streamEpoch: streamEpoch ?? 1,
  streamSeq: streamSeq ?? ++sent,
  timeMs: NOON,
  replyTo: null,
  vendorId: vendorId ?? VENDOR,
  source: 'test',
  messageId: (key ?? `key-${++sent}`) as MessageId,
  expiresAtMs: deadline ?? null,
  request,
  fingerprint: fingerprint(request, saltOf(request)),
  principal: 'system:test',
  phoneSalt: saltOf(request),
  header: () => '',
  raw: () => ({ subject: 'ledger.commands.0.test.7', headers: [], payload: new Uint8Array() }),
});

/** A ledger without a database: the pure decisions over tables in memory, at a time that the test sets. */
export class PaperLedger {
  readonly books = new Books();
  now: number;

  constructor(now = NOON) {
    this.now = now;
  }

  batch(...entries: LogEntry[]): readonly Decision[] {
    const decided = decideBatch(entries, this.books.knowledge(entries, this.now), TEHRAN);
    this.books.apply(writesOf(entries, decided));
    return decided.decisions;
  }

  /** One command in a batch of its own. */
  send(request: CommandRequest, more: Omit<Sent, 'request'> = {}): Decision {
    return this.batch(command({ request, ...more }))[0]!;
  }

  /** The same, for a command that must be recorded. */
  record(request: CommandRequest, more: Omit<Sent, 'request'> = {}): Transaction {
    const decision = this.send(request, more);
    if (decision.kind !== 'recorded') throw new Error(`not recorded: ${decision.kind}`);
    return decision.transaction;
  }

  state(vendorId: VendorId = VENDOR): VendorState {
    return this.books.vendors.get(vendorId)!;
  }
}

/** A ledger in which the vendor has 1,000.00. */
export function funded(now = NOON): PaperLedger {
  const ledger = new PaperLedger(now);
  ledger.record(open());
  ledger.record(credit('1000.00'));
  return ledger;
}

/** A decision in a word. */
export const told = (decision: Decision): string => {
  if (decision.kind !== 'recorded') return decision.kind;
  return decision.transaction.reason ?? 'posted';
};

/** The id that the vendor's transaction of that number will have, if it is decided now. */
export const foretold = ({ now }: PaperLedger, seq: number): TransactionId =>
  transactionId({ vendorId: VENDOR, seq, createdAtMs: now });
