/** Calendar days of a time zone. Source of the rule: daily limits count by the operator's business day. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** No time zone's day begins between two quarters of an hour (IANA time zone database, since 1972). */
const QUARTER_MS = 15 * 60_000;

let lastQuarter = Number.NaN;
let lastZone = '';
let lastDay = '';

/** The business day that holds an instant, as "2026-11-23". Throws RangeError for an unknown time zone. */
export function businessDay(atMs: number, timeZone: string): string {
  // Asked for several times by every command; the calendar takes 18 µs for an answer.
  const quarter = Math.floor(atMs / QUARTER_MS);
  if (quarter !== lastQuarter || timeZone !== lastZone) {
    lastDay = formatDay(atMs, timeZone);
    lastQuarter = quarter;
    lastZone = timeZone;
  }
  return lastDay;
}

function formatDay(atMs: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    // The Swedish locale writes ISO dates.
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(atMs);
}
