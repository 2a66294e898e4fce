import { businessDay, type CallResponse } from '@b2b-charge/contracts';
import type { Backoffice } from '../../../backoffice.ts';

export type HourOfSales = CallResponse<'ledger.query.sales'>['hours'][number];

const HOUR_MS = 3_600_000;
/** A transaction's time is that of its decision, a moment before it can be read. */
const SETTLED_MS = 60_000;

/** Sales of this business day by hour. Hours that are over are asked for once, so a busy day costs its last hour. */
export class SalesToday {
  readonly #backoffice: Pick<Backoffice, 'ask' | 'now'>;
  readonly #timeZone: string;
  readonly #startOfDay: (date: string) => number;
  #day = '';
  #over: HourOfSales[] = [];
  #overUntilMs = 0;

  constructor(
    backoffice: Pick<Backoffice, 'ask' | 'now'>,
    { timeZone, startOfDay }: { timeZone: string; startOfDay: (date: string) => number },
  ) {
    this.#backoffice = backoffice;
    this.#timeZone = timeZone;
    this.#startOfDay = startOfDay;
  }

  /** One entry per hour of the day so far, also for those without sales. */
  async read(): Promise<{ day: string; hours: HourOfSales[] }> {
    const nowMs = this.#backoffice.now();
    const day = businessDay(nowMs, this.#timeZone);
    const startMs = this.#startOfDay(day);
    if (day !== this.#day) {
      this.#day = day;
      this.#over = [];
      this.#overUntilMs = startMs;
    }
    const fromMs = this.#overUntilMs;
    const { hours } = await this.#backoffice.ask('ledger.query.sales', {
      from: new Date(fromMs).toISOString(),
      to: new Date(Math.max(nowMs, fromMs)).toISOString(),
    });
    const all = [...this.#over.filter(({ from }) => Date.parse(from) < fromMs), ...hours];
    const overUntilMs = startMs + Math.floor((nowMs - SETTLED_MS - startMs) / HOUR_MS) * HOUR_MS;
    // Another request may have gone further meanwhile, or have begun another day.
    if (day === this.#day && overUntilMs > this.#overUntilMs) {
      this.#over = all.filter(({ from }) => Date.parse(from) < overUntilMs);
      this.#overUntilMs = overUntilMs;
    }
    return { day, hours: everyHour(all, startMs, nowMs) };
  }
}

function everyHour(known: readonly HourOfSales[], startMs: number, nowMs: number): HourOfSales[] {
  const byStart = new Map(known.map((hour) => [Date.parse(hour.from), hour]));
  const count = Math.floor(Math.max(0, nowMs - startMs) / HOUR_MS) + 1;
  return Array.from({ length: count }, (_, index) => {
    const atMs = startMs + index * HOUR_MS;
    const none = {
      from: new Date(atMs).toISOString(),
      charged: '0.00',
      reversed: '0.00',
      count: 0,
      rejected: 0,
    };
    return byStart.get(atMs) ?? none;
  });
}
