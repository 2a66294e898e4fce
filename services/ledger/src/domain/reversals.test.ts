import { describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  foretold,
  funded,
  idOf,
  MIDNIGHT,
  OTHER_VENDOR,
  open,
  reverse,
  told,
  update,
  VENDOR,
} from '../../simulator/given.ts';

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

  it('that the balance had no room for may be sent again once it has', () => {
    const ledger = funded();
    const { id } = ledger.record(charge('1.00'));
    ledger.record(credit('9999999999000.00'));
    const batch = [reverse(id), charge('1.00'), reverse(id)].map((request) => command({ request }));
    expect(ledger.batch(...batch).map(told)).toEqual(['BALANCE_LIMIT_EXCEEDED', 'posted', 'posted']);
  });
});
