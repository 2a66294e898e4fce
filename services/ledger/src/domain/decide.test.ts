import { describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  idOf,
  MIDNIGHT,
  money,
  NOON,
  open,
  PHONE,
  posted,
  reverse,
  TEHRAN,
  update,
  VENDOR,
  vendor,
} from '../../simulator/given.ts';
import { brokenBy } from '../../simulator/invariants.ts';
import type { Command } from './command.ts';
import { type Circumstances, decide } from './decide.ts';
import type { Transaction } from './transaction.ts';

const around = (change: Partial<Circumstances> = {}): Circumstances => ({
  nowMs: NOON,
  timeZone: TEHRAN,
  known: undefined,
  original: () => ({ transaction: posted(), reversed: false }),
  recalculation: () => {
    throw new Error('not asked for');
  },
  ...change,
});

const recordedAs = (to: Command, change: Partial<Transaction> = {}): Transaction =>
  posted({ messageId: to.messageId, fingerprint: to.fingerprint, ...change });

describe('a key that has an outcome', () => {
  const first = command({ request: charge('300.00'), key: 'k' });
  it.each([
    { rule: 'is answered with it', known: recordedAs(first), repeat: first },
    {
      rule: 'is answered with it if that was a rejection: nothing is tried again',
      known: recordedAs(first, { status: 'rejected', reason: 'INSUFFICIENT_BALANCE' }),
      repeat: first,
    },
    {
      rule: 'is answered with it after the deadline too',
      known: recordedAs(first),
      repeat: command({ request: charge('300.00'), key: 'k', deadline: NOON - 1 }),
    },
    {
      rule: 'is answered with it when the amount is spelt otherwise',
      known: recordedAs(first),
      repeat: command({ request: charge('300'), key: 'k' }),
    },
  ])('$rule', ({ known, repeat }) => {
    expect(decide(vendor(), repeat, around({ known }))).toEqual({ kind: 'replayed', transaction: known });
  });

  it.each([
    { rule: 'another amount', request: charge('300.01') },
    { rule: 'another phone', request: { ...charge('300.00'), phone_number: '+989120000000' } as const },
    { rule: 'another command', request: credit('300.00') },
  ])('is refused to $rule', ({ request }) => {
    const known = recordedAs(first);
    expect(decide(vendor(), command({ request, key: 'k' }), around({ known }))).toEqual({
      kind: 'key-reused',
      first: known,
    });
  });
});

describe('a deadline', () => {
  const sent = (deadline: number | null) => command({ request: charge('1.00'), deadline });
  it('that is a millisecond away lets the command be executed', () => {
    expect(decide(vendor(), sent(NOON + 1), around()).kind).toBe('recorded');
  });
  it.each([
    { rule: 'that is reached', deadline: NOON },
    { rule: 'that is passed', deadline: NOON - 1 },
    { rule: 'of zero', deadline: 0 },
  ])('$rule forbids it', ({ deadline }) => {
    expect(decide(vendor(), sent(deadline), around())).toEqual({ kind: 'expired', expiresAtMs: deadline });
  });
  it('is looked at before the vendor: nothing is said of an unknown one', () => {
    expect(decide(undefined, sent(NOON), around()).kind).toBe('expired');
  });
});

describe('a vendor that does not exist', () => {
  it.each([
    ['charge', charge('1.00')],
    ['credit', credit('1.00')],
    ['reverse', reverse(idOf(VENDOR, 1))],
    ['rebuild', { type: 'rebuild' }],
    ['update-vendor', update({ name: 'New' })],
  ] as const)('makes a dead letter of its %s', (_, request) => {
    expect(decide(undefined, command({ request }), around())).toEqual({
      kind: 'dead',
      reason: 'UNKNOWN_VENDOR',
      detail: 'there is no vendor 7',
    });
  });

  it('begins its chain when it is opened', () => {
    const decision = decide(undefined, command({ request: open('10.00'), key: 'k' }), around());
    expect(decision).toMatchObject({
      kind: 'recorded',
      transaction: { seq: 1, previousHash: '0'.repeat(64), balanceBefore: 0n, balanceAfter: 0n },
      state: { name: 'TechCorp', status: 'active', balance: 0n, dailyLimit: 1_000n, openedAtMs: NOON },
    });
  });
});

describe('the new link', () => {
  const to = command({ request: charge('300.00'), streamSeq: 99, streamEpoch: 3 });
  const decision = decide(vendor(), to, around());
  if (decision.kind !== 'recorded') throw new Error('not recorded');
  const { transaction, state } = decision;

  it('continues the chain of the state', () => {
    const head = posted({ seq: 7, balanceAfter: money(100_000), createdAtMs: NOON - 1_000 });
    expect(brokenBy(transaction, { ...head, hash: 'ab'.repeat(32) })).toEqual([]);
  });

  it('holds where the command stood in the log, its key, source and fingerprint', () => {
    const { streamSeq, streamEpoch, messageId, source, fingerprint } = to;
    expect(transaction).toMatchObject({ streamSeq, streamEpoch, messageId, source, fingerprint });
  });

  it('names the phone that was topped up, and none where none was', () => {
    expect(transaction.phoneNumber).toBe(PHONE);
    expect(decide(vendor(), command({ request: credit('1.00') }), around())).toMatchObject({
      transaction: { phoneNumber: null },
    });
  });

  it('is approved or rejected', () => {
    expect(transaction).toMatchObject({ status: 'approved', reason: null });
    expect(decide(vendor({ balance: money(0) }), to, around())).toMatchObject({
      transaction: { status: 'rejected', reason: 'INSUFFICIENT_BALANCE' },
    });
  });

  it('moves the state to itself', () => {
    expect(state).toEqual({
      ...vendor(),
      balance: 70_000n,
      chargedToday: 30_000n,
      seq: 8,
      headHash: transaction.hash,
      updatedAtMs: NOON,
    });
  });

  it('leaves the state that it was given alone', () => {
    const given = Object.freeze(vendor());
    expect(() => decide(given, to, around())).not.toThrow();
  });
});

describe('the business day', () => {
  const limited = vendor({ dailyLimit: money(10_000), chargedToday: money(10_000) });
  it.each([
    {
      rule: 'goes on until midnight in Tehran',
      nowMs: MIDNIGHT - 1,
      then: { reason: 'DAILY_LIMIT_EXCEEDED' },
    },
    { rule: 'begins afresh at midnight in Tehran', nowMs: MIDNIGHT, then: { status: 'approved' } },
  ])('$rule', ({ nowMs, then }) => {
    expect(decide(limited, command({ request: charge('100.00') }), around({ nowMs }))).toMatchObject({
      transaction: then,
    });
  });

  it('that is new has nothing charged, even if the day’s first command charges nothing', () => {
    expect(decide(limited, command({ request: credit('1.00') }), around({ nowMs: MIDNIGHT }))).toMatchObject({
      state: { businessDay: '2026-11-25', chargedToday: 0n },
    });
  });
});

describe('a clock that goes back', () => {
  const ahead = vendor({
    updatedAtMs: MIDNIGHT + 5,
    businessDay: '2026-11-25',
    dailyLimit: money(10_000),
    chargedToday: money(10_000),
  });
  it('does not make a later link earlier', () => {
    expect(decide(ahead, command({ request: credit('1.00') }), around())).toMatchObject({
      transaction: { createdAtMs: MIDNIGHT + 5 },
      state: { updatedAtMs: MIDNIGHT + 5, businessDay: '2026-11-25' },
    });
  });
  it('does not give the day’s allowance a second time', () => {
    expect(decide(ahead, command({ request: charge('100.00') }), around())).toMatchObject({
      transaction: { reason: 'DAILY_LIMIT_EXCEEDED' },
    });
  });
  it('does not begin a day that is over', () => {
    const tomorrow = { ...ahead, businessDay: '2026-11-26' };
    expect(decide(tomorrow, command({ request: credit('1.00') }), around())).toMatchObject({
      state: { businessDay: '2026-11-26', chargedToday: 10_000n },
    });
  });
  it('does not bring a passed deadline back: what counts is the clock', () => {
    const late = command({ request: charge('1.00'), deadline: NOON + 1 });
    expect(decide(ahead, late, around()).kind).toBe('recorded');
    expect(decide(ahead, late, around({ nowMs: NOON + 1 })).kind).toBe('expired');
  });
});
