import { describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  funded,
  NOON,
  OTHER_VENDOR,
  open,
  PaperLedger,
  told,
  update,
} from '../../simulator/given.ts';
import type { Unreadable } from './command.ts';

describe('within one batch', () => {
  it.each([
    {
      rule: 'each command sees the balance that the ones before it left',
      batch: [charge('600.00'), charge('600.00'), charge('400.00'), charge('0.01')],
      then: ['posted', 'INSUFFICIENT_BALANCE', 'posted', 'INSUFFICIENT_BALANCE'],
    },
    {
      rule: 'credit can be spent at once',
      batch: [charge('1500.00'), credit('500.00'), charge('1500.00')],
      then: ['INSUFFICIENT_BALANCE', 'posted', 'posted'],
    },
    {
      rule: 'a suspension holds from its place on, and until its end',
      batch: [charge('1.00'), update({ status: 'suspended' }), charge('1.00'), credit('1.00')].concat(
        update({ status: 'active' }),
        charge('1.00'),
      ),
      then: ['posted', 'posted', 'VENDOR_INACTIVE', 'posted', 'posted', 'posted'],
    },
    {
      rule: 'a limit holds from its place on',
      batch: [charge('10.00'), update({ daily_limit: '15.00' }), charge('10.00'), charge('5.00')],
      then: ['posted', 'posted', 'DAILY_LIMIT_EXCEEDED', 'posted'],
    },
    {
      rule: 'a limit that is lifted lets everything pass',
      batch: [update({ daily_limit: '0' }), charge('1.00'), update({ daily_limit: null }), charge('1.00')],
      then: ['posted', 'DAILY_LIMIT_EXCEEDED', 'posted', 'posted'],
    },
  ])('$rule', ({ batch, then }) => {
    const ledger = funded();
    expect(ledger.batch(...batch.map((request) => command({ request }))).map(told)).toEqual(then);
  });

  it('a vendor is opened, funded and charged', () => {
    const ledger = new PaperLedger();
    const batch = [charge('1.00'), open(), credit('5.00'), charge('1.00'), open()];
    expect(ledger.batch(...batch.map((request) => command({ request }))).map(told)).toEqual([
      'dead',
      'posted',
      'posted',
      'posted',
      'VENDOR_EXISTS',
    ]);
    expect(ledger.state().balance).toBe(400n);
  });

  it('a repeat gets the outcome of the first, and moves nothing', () => {
    const ledger = funded();
    const sent = command({ request: charge('600.00'), key: 'k' });
    const [first, second] = ledger.batch(sent, { ...sent, streamSeq: sent.streamSeq + 1 });
    expect(first).toMatchObject({ kind: 'recorded' });
    expect(second).toEqual({
      kind: 'replayed',
      transaction: first?.kind === 'recorded' && first.transaction,
    });
    expect(ledger.state().balance).toBe(40_000n);
  });

  it('another command under the same key is refused, and a repeat of the first still gets its outcome', () => {
    const ledger = funded();
    const sent = (amount: string) => command({ request: charge(amount), key: 'k' });
    expect(ledger.batch(sent('1.00'), sent('2.00'), sent('1.00')).map(told)).toEqual([
      'posted',
      'key-reused',
      'replayed',
    ]);
    expect(ledger.state().balance).toBe(99_900n);
  });

  it('the same key of two vendors is two keys', () => {
    const ledger = funded();
    ledger.record(open(), { vendorId: OTHER_VENDOR });
    ledger.record(credit('1000.00'), { vendorId: OTHER_VENDOR });
    const sent = { request: charge('1.00'), key: 'k' };
    const batch = [command(sent), command({ ...sent, vendorId: OTHER_VENDOR })];
    expect(ledger.batch(...batch).map(told)).toEqual(['posted', 'posted']);
  });

  it('what cannot be read is dead, in its place, and the rest goes on', () => {
    const ledger = funded();
    const unreadable: Unreadable = {
      ...command({ request: charge('1.00') }),
      kind: 'unreadable',
      reason: 'MALFORMED',
      detail: 'the body is not JSON',
    };
    const decisions = ledger.batch(
      command({ request: charge('1.00') }),
      unreadable,
      command({ request: charge('1.00') }),
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(['recorded', 'dead', 'recorded']);
    expect(decisions[1]).toEqual({ kind: 'dead', reason: 'MALFORMED', detail: 'the body is not JSON' });
  });
});

describe('a log that is read again after a rollback', () => {
  const early = command({ request: charge('1.00'), key: 'early' });
  const opening = [open(), credit('5.00')].map((request) => command({ request }));

  it('leaves its dead letters dead, though the vendor has been opened since', () => {
    const ledger = new PaperLedger();
    ledger.batch(early, ...opening);
    expect(ledger.batch({ ...early, streamEpoch: 2 })).toEqual([
      { kind: 'dead', reason: 'UNKNOWN_VENDOR', detail: 'there is no vendor 7', again: true },
    ]);
    expect(ledger.books.deadLetters).toHaveLength(1);
  });

  it('executes the rest of the batch that such a dead letter stands in', () => {
    const ledger = new PaperLedger();
    ledger.batch(early, ...opening);
    const again = command({ request: charge('2.00') });
    expect(ledger.batch({ ...early, streamEpoch: 2 }, again).map(told)).toEqual(['dead', 'posted']);
  });

  it('answers what was executed with its outcome', () => {
    const ledger = new PaperLedger();
    ledger.batch(...opening);
    expect(ledger.batch(...opening.map((entry) => ({ ...entry, streamEpoch: 2 }))).map(told)).toEqual([
      'replayed',
      'replayed',
    ]);
  });
});

describe('a key', () => {
  it('stays free after an expiry: a later command under it is decided afresh', () => {
    const ledger = funded();
    const late = ledger.send(charge('1.00'), { key: 'k', deadline: NOON });
    expect(late).toEqual({ kind: 'expired', expiresAtMs: NOON });
    expect(ledger.state().seq).toBe(2);
    expect(told(ledger.send(charge('2.00'), { key: 'k', deadline: NOON + 1 }))).toBe('posted');
    expect(told(ledger.send(charge('1.00'), { key: 'k' }))).toBe('key-reused');
  });

  it('stays free after an expiry in the same batch', () => {
    const ledger = funded();
    const sent = { request: charge('1.00'), key: 'k' };
    const batch = [command({ ...sent, deadline: NOON - 1 }), command(sent), command(sent)];
    expect(ledger.batch(...batch).map(told)).toEqual(['expired', 'posted', 'replayed']);
  });

  it('keeps a rejection for ever, though the reason is gone', () => {
    const ledger = funded();
    const sent = { key: 'k' };
    expect(told(ledger.send(charge('2000.00'), sent))).toBe('INSUFFICIENT_BALANCE');
    ledger.record(credit('5000.00'));
    expect(ledger.send(charge('2000.00'), sent)).toMatchObject({
      kind: 'replayed',
      transaction: { reason: 'INSUFFICIENT_BALANCE' },
    });
    expect(told(ledger.send(charge('2000.00'), { key: 'another' }))).toBe('posted');
  });
});
