/** Calendar days of a time zone. Source of the rule: daily limits count by the operator's business day. */
const formats = new Map<string, Intl.DateTimeFormat>();

let lastMs = Number.NaN;
let lastZone = '';
let lastDay = '';

/** The business day that holds an instant, as "2026-11-23". Throws RangeError for an unknown time zone. */
export function businessDay(atMs: number, timeZone: string): string {
  // A batch asks for one instant hundreds of times.
  if (atMs !== lastMs || timeZone !== lastZone) {
    lastDay = formatDay(atMs, timeZone);
    lastMs = atMs;
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
