import { describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  idOf,
  MIDNIGHT,
  NOON,
  OTHER_VENDOR,
  open,
  PaperLedger,
  reverse,
  update,
  VENDOR,
} from '../../simulator/given.ts';
import type { Unreadable } from './command.ts';
import type { Decision } from './decide.ts';

/** A vendor with 1,000.00 in a ledger at noon. */
function funded(now = NOON): PaperLedger {
  const ledger = new PaperLedger(now);
  ledger.record(open());
  ledger.record(credit('1000.00'));
  return ledger;
}

const told = (decision: Decision): string => {
  if (decision.kind !== 'recorded') return decision.kind;
  return decision.transaction.reason ?? 'posted';
};

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

describe('a reversal', () => {
  it('gives back a charge of an earlier batch, once', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('600.00'));
    const twice = [reverse(id), reverse(id)].map((request) => command({ request }));
    expect(ledger.batch(...twice).map(told)).toEqual(['posted', 'ALREADY_REVERSED']);
    expect(told(ledger.send(reverse(id)))).toBe('ALREADY_REVERSED');
    expect(ledger.state()).toMatchObject({ balance: 100_000n, chargedToday: 0n });
  });

  it('gives back a charge of its own batch, once', () => {
    const ledger = funded();
    const id = foretold(ledger, 3);
    const batch = [charge('600.00'), reverse(id), charge('1000.00'), reverse(id)];
    const decisions = ledger.batch(...batch.map((request) => command({ request })));
    expect(decisions.map(told)).toEqual(['posted', 'posted', 'posted', 'ALREADY_REVERSED']);
    expect(ledger.state()).toMatchObject({ balance: 0n, chargedToday: 100_000n });
  });

  it('before the charge, in the same batch, finds nothing to reverse', () => {
    const ledger = funded();
    const id = foretold(ledger, 4);
    const batch = [reverse(id), charge('600.00')].map((request) => command({ request }));
    expect(ledger.batch(...batch).map(told)).toEqual(['NOT_REVERSIBLE', 'posted']);
  });

  it('of a rejected charge is rejected', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('5000.00'));
    expect(told(ledger.send(reverse(id)))).toBe('NOT_REVERSIBLE');
  });

  it('of a reversal is rejected', () => {
    const ledger = funded();
    const { id } = ledger.record(reverse(ledger.record(charge('1.00')).id));
    expect(told(ledger.send(reverse(id)))).toBe('NOT_REVERSIBLE');
  });

  it('of another vendor’s charge is rejected, and tells nothing of it', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('600.00'));
    ledger.record(open(), { vendorId: OTHER_VENDOR });
    expect(ledger.send(reverse(id), { vendorId: OTHER_VENDOR })).toMatchObject({
      transaction: { reason: 'NOT_REVERSIBLE', amount: 0n, vendorId: OTHER_VENDOR },
    });
    expect(ledger.state().balance).toBe(40_000n);
  });

  it('of another vendor’s charge in the same batch is rejected', () => {
    const ledger = funded();
    ledger.record(open(), { vendorId: OTHER_VENDOR });
    const batch = [
      command({ request: charge('600.00') }),
      command({ request: reverse(foretold(ledger, 3)), vendorId: OTHER_VENDOR }),
    ];
    expect(ledger.batch(...batch).map(told)).toEqual(['posted', 'NOT_REVERSIBLE']);
  });

  it('of an id that was never given out is rejected', () => {
    expect(told(funded().send(reverse(idOf(VENDOR, 4_711))))).toBe('NOT_REVERSIBLE');
  });

  it.each([
    { rule: 'on the same day gives that day’s allowance back, and no more', at: MIDNIGHT - 1 },
    { rule: 'on the next day adds nothing to that day’s allowance', at: MIDNIGHT },
  ])('$rule', ({ at }) => {
    const ledger = funded();
    ledger.record(update({ daily_limit: '100.00' }));
    const { id } = ledger.record(charge('100.00'));
    ledger.now = at;
    const batch = [reverse(id), charge('100.00'), charge('0.01')].map((request) => command({ request }));
    expect(ledger.batch(...batch).map(told)).toEqual(['posted', 'posted', 'DAILY_LIMIT_EXCEEDED']);
    expect(ledger.state().chargedToday).toBe(10_000n);
  });

  it('frees its key for nobody: the reversal’s own key is bound', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('1.00'));
    ledger.record(reverse(id), { key: 'k' });
    expect(told(ledger.send(reverse(id), { key: 'k' }))).toBe('replayed');
    expect(told(ledger.send(charge('1.00'), { key: 'k' }))).toBe('key-reused');
  });
});

describe('a rebuild', () => {
  it('adds what its own batch has done to what the database added up', () => {
    const ledger = funded();
    const id = foretold(ledger, 3);
    const batch = [charge('600.00'), charge('100.00'), reverse(id), { type: 'rebuild' } as const];
    const decisions = ledger.batch(...batch.map((request) => command({ request })));
    expect(decisions.map(told)).toEqual(['posted', 'posted', 'posted', 'posted']);
    expect(ledger.state()).toMatchObject({ balance: 90_000n, chargedToday: 10_000n });
  });

  it('reports no discrepancy that its own batch has made up', () => {
    const ledger = funded();
    const batch = [charge('600.00'), { type: 'rebuild' } as const].map((request) => command({ request }));
    ledger.batch(...batch);
    expect(JSON.parse(ledger.books.chains.get(VENDOR)!.at(-1)!.details!)).toEqual({
      stored_balance: '400.00',
      calculated_balance: '400.00',
      stored_charged_today: '600.00',
      calculated_charged_today: '600.00',
    });
  });

  it('gives back no allowance for charges of an earlier day', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('600.00'));
    ledger.now = MIDNIGHT;
    ledger.record(charge('50.00'));
    const batch = [reverse(id), { type: 'rebuild' } as const].map((request) => command({ request }));
    expect(ledger.batch(...batch).map(told)).toEqual(['posted', 'posted']);
    expect(ledger.state().chargedToday).toBe(5_000n);
  });

  it('of a vendor opened in the same batch finds nothing and sets nothing', () => {
    const ledger = new PaperLedger();
    const batch = [open(), { type: 'rebuild' } as const].map((request) => command({ request }));
    expect(ledger.batch(...batch).map(told)).toEqual(['posted', 'posted']);
  });

  it('while the clock has gone back over midnight keeps to the later day', () => {
    const ledger = funded(MIDNIGHT - 60_000);
    ledger.record(charge('600.00'));
    ledger.now = MIDNIGHT;
    const { id } = ledger.record(charge('50.00'));
    ledger.now = MIDNIGHT - 30_000;
    ledger.record({ type: 'rebuild' });
    expect(ledger.state()).toMatchObject({ businessDay: '2026-11-25', chargedToday: 5_000n });
    const batch = [charge('30.00'), reverse(id), { type: 'rebuild' } as const];
    ledger.batch(...batch.map((request) => command({ request })));
    expect(ledger.state()).toMatchObject({ businessDay: '2026-11-25', chargedToday: 3_000n });
  });
});

/** The id that the vendor's transaction of that number will have, if it is decided now. */
function foretold(ledger: PaperLedger, seq: number): string {
  const probe = new PaperLedger(ledger.now);
  probe.record(open());
  for (let next = 2; next < seq; next++) probe.record(credit('1.00'));
  return probe.record(credit('1.00')).id;
}
