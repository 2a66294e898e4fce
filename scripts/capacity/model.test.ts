import { expect, it } from 'vitest';
import { HOURS, rateAt } from './day.ts';
import { readFigures } from './figures.ts';
import { plan } from './model.ts';

const figures = readFigures();
const demand = { chargesPerDay: 1_000_000, vendors: 1_000, years: 2 };

it('adds up a day, its history and its logs from the figures', () => {
  const result = plan(demand, figures);
  const perCharge = figures.tableBytesPerCharge + figures.indexBytesPerCharge;
  const ofVendors = 1_000 * figures.vendorBytes;
  expect(result.diskByYearBytes).toEqual([365e6 * perCharge + ofVendors, 730e6 * perCharge + ofVendors]);
  expect(result.walPerDayBytes).toBe(1e6 * figures.walBytesPerCharge);
  expect(result.streamBytes).toBe(7e6 * (figures.logBytesPerCharge + figures.eventBytesPerCharge));
  expect(result.backupBytes).toBe(730e6 * perCharge + ofVendors + 7 * result.walPerDayBytes);
  expect(result.fullAuditSeconds).toBeCloseTo(730e6 / figures.auditPerSecond);
  expect(result.peakPerSecond).toBeGreaterThan(1_000_000 / 86_400);
});

it('takes the part of a year, and a day curve whose average is one', () => {
  const history = (years: number) =>
    plan({ ...demand, years }, figures).diskByYearBytes.at(-1)! - demand.vendors * figures.vendorBytes;
  expect(history(1.5)).toBe(1.5 * history(1));
  expect(HOURS.reduce((sum, _, hour) => sum + rateAt(hour), 0) / 24).toBeCloseTo(1);
});

it('memory grows with the vendors, up to what a ledger caches', () => {
  const memory = (vendors: number) => plan({ ...demand, vendors }, figures).memoryBytes;
  expect(memory(100_000) - memory(1_000)).toBeCloseTo(2 * 99_000 * figures.vendorMemory);
  expect(memory(1_000_000)).toBe(memory(100_000));
});

it('needs more, never less, as the charges grow, and says what to add', () => {
  const plans = [1e4, 1e6, 1e7, 1e8, 1e9].map((chargesPerDay) => plan({ ...demand, chargesPerDay }, figures));
  for (const [index, next] of plans.slice(1).entries()) {
    const before = plans[index]!;
    expect(next.processes.ledger).toBeGreaterThanOrEqual(before.processes.ledger);
    expect(next.processes.gateway).toBeGreaterThanOrEqual(before.processes.gateway);
    expect(next.advice.length).toBeGreaterThanOrEqual(before.advice.length);
  }
  const said = (index: number, word: RegExp) => plans[index]!.advice.some((line) => word.test(line));
  expect([said(0, /Citus/), said(4, /Citus/)]).toEqual([false, true]);
  expect([said(0, /npm run partition/), said(4, /npm run partition/)]).toEqual([false, true]);
});
