/** Calendar days of a time zone. Source of the rule: daily limits count by the operator's business day. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The business day that holds an instant, as "2026-11-23". Throws RangeError for an unknown time zone. */
export function businessDay(atMs: number, timeZone: string): string {
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
