import { currencyName } from '@b2b-charge/contracts';
import type { Locale } from '@b2b-charge/http/messages/index';

/** Numbers and times as the reader writes them. */
export interface Formats {
  /** Grouped digits of a decimal string or a number; decimals only where there are some. */
  amount(decimal: string | number): string;
  number(value: number): string;
  percent(ratio: number): string;
  /** Day and time of an instant, in the business time zone, to the second; the year only if it is not this one. */
  time(instant: string | Date): string;
  day(instant: string | Date): string;
  /** Hour and minute. */
  clock(instant: string | Date): string;
  /** "3 minutes ago". */
  ago(instant: string | Date, nowMs: number): string;
  readonly currency: string;
}

// The Persian one writes Persian digits and the Persian calendar.
const TAGS: Record<Locale, string> = { en: 'en-GB', fa: 'fa-IR-u-ca-persian' };

const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

interface FormatOptions {
  readonly timeZone: string;
  readonly currency: string;
  now(): number;
}

export function createFormats(locale: Locale, { timeZone, currency, now }: FormatOptions): Formats {
  const tag = TAGS[locale];
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const decimals = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percents = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const date = { month: 'short', day: 'numeric' } as const;
  const dated = { ...date, year: 'numeric' } as const;
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const exact = { ...clock, second: '2-digit' } as const;
  const times = new Intl.DateTimeFormat(tag, { timeZone, ...date, ...exact });
  const datedTimes = new Intl.DateTimeFormat(tag, { timeZone, ...dated, ...exact });
  const days = new Intl.DateTimeFormat(tag, { timeZone, ...dated });
  const years = new Intl.DateTimeFormat(tag, { timeZone, year: 'numeric' });
  const clocks = new Intl.DateTimeFormat(tag, { timeZone, ...clock });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const at = (instant: string | Date) => new Date(instant);
  return {
    amount(decimal) {
      const text = String(decimal);
      const format = /\.\d*[1-9]/.test(text) ? decimals : whole;
      // A string keeps every digit; a number would not.
      return format.format(text as Intl.StringNumericLiteral);
    },
    number: (value) => whole.format(value),
    percent: (ratio) => percents.format(ratio),
    time(instant) {
      const isOfThisYear = years.format(at(instant)) === years.format(now());
      return (isOfThisYear ? times : datedTimes).format(at(instant));
    },
    day: (instant) => days.format(at(instant)),
    clock: (instant) => clocks.format(at(instant)),
    ago(instant, nowMs) {
      const past = at(instant).getTime() - nowMs;
      const [unit, ms] = STEPS.find(([, size]) => Math.abs(past) >= size) ?? STEPS.at(-1)!;
      return relative.format(Math.round(past / ms), unit);
    },
    currency: currency === 'IRT' && locale === 'fa' ? 'تومان' : currencyName(currency),
  };
}
