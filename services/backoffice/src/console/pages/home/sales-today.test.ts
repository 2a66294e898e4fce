import type { CallName, CallRequest } from '@b2b-charge/contracts';
import { createStartOfDay } from '@b2b-charge/http/business-time';
import { expect, test } from 'vitest';
import type { Backoffice } from '../../../backoffice.ts';
import { SalesToday } from './sales-today.ts';

const timeZone = 'Asia/Tehran';
/** 00:00 in Tehran. */
const MIDNIGHT = Date.parse('2026-11-22T20:30:00Z');
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A ledger in which a sale of 1 was posted at each of these times. */
function day(sales: number[]) {
  const asked: string[] = [];
  const clock = { ms: MIDNIGHT };
  const ask = async (_name: CallName, request: CallRequest<'ledger.query.sales'>) => {
    asked.push(request.from);
    const [from, to] = [Date.parse(request.from), Date.parse(request.to)];
    const hours = new Map<number, number>();
    for (const at of sales.filter((one) => one >= from && one < to)) {
      const hour = from + Math.floor((at - from) / HOUR) * HOUR;
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    return {
      hours: [...hours].map(([hour, count]) => ({
        from: new Date(hour).toISOString(),
        charged: `${count}.00`,
        reversed: '0.00',
        count,
        rejected: 0,
      })),
    };
  };
  const backoffice = { ask, now: () => clock.ms } as unknown as Pick<Backoffice, 'ask' | 'now'>;
  const today = new SalesToday(backoffice, { timeZone, startOfDay: createStartOfDay(timeZone) });
  const countsAt = async (ms: number) => {
    clock.ms = ms;
    return (await today.read()).hours.map(({ count }) => count);
  };
  return { asked, countsAt };
}

test('hours that are over are asked for once, and still counted', async () => {
  const { asked, countsAt } = day([MIDNIGHT + 1, MIDNIGHT + 2, MIDNIGHT + HOUR + 1, MIDNIGHT + 3 * HOUR]);
  expect(await countsAt(MIDNIGHT + 90 * MINUTE)).toEqual([2, 1]);
  expect(await countsAt(MIDNIGHT + 200 * MINUTE)).toEqual([2, 1, 0, 1]);
  expect(asked).toEqual([MIDNIGHT, MIDNIGHT + HOUR].map((ms) => new Date(ms).toISOString()));
});

test('an hour is over only when its last sale can surely be read', async () => {
  const sales = [MIDNIGHT + 1];
  const { countsAt } = day(sales);
  expect(await countsAt(MIDNIGHT + HOUR + 30_000)).toEqual([1, 0]);
  sales.push(MIDNIGHT + HOUR - 1);
  expect(await countsAt(MIDNIGHT + HOUR + 2 * MINUTE)).toEqual([2, 0]);
});

test('a new day begins with nothing', async () => {
  const { countsAt } = day([MIDNIGHT + 1, MIDNIGHT + 24 * HOUR + 1]);
  expect(await countsAt(MIDNIGHT + 24 * HOUR - 1)).toEqual([1, ...Array.from({ length: 23 }, () => 0)]);
  expect(await countsAt(MIDNIGHT + 24 * HOUR + MINUTE)).toEqual([1]);
});
