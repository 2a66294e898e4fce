import { describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  foretold,
  funded,
  MIDNIGHT,
  OTHER_VENDOR,
  open,
  PaperLedger,
  reverse,
  told,
  VENDOR,
} from '../../simulator/given.ts';

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

  it('counts neither what its own batch rejected nor what it did to another vendor', () => {
    const ledger = funded();
    ledger.record(open(), { vendorId: OTHER_VENDOR });
    ledger.record(credit('500.00'), { vendorId: OTHER_VENDOR });
    const batch = [
      command({ request: charge('5000.00') }),
      command({ request: charge('300.00'), vendorId: OTHER_VENDOR }),
      command({ request: { type: 'rebuild' } }),
    ];
    expect(ledger.batch(...batch).map(told)).toEqual(['INSUFFICIENT_BALANCE', 'posted', 'posted']);
    expect(ledger.state()).toMatchObject({ balance: 100_000n, chargedToday: 0n });
  });

  it('counts no charge that its own batch decided as of the day before', () => {
    const ledger = funded();
    ledger.now = MIDNIGHT;
    const sale = { ...command({ request: charge('600.00') }), asOfMs: MIDNIGHT - 1 };
    expect(ledger.batch(sale, command({ request: { type: 'rebuild' } })).map(told)).toEqual([
      'posted',
      'posted',
    ]);
    expect(ledger.state()).toMatchObject({ businessDay: '2026-11-25', chargedToday: 0n });
  });
});
