const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Milliseconds by which a time zone is ahead of UTC at an instant. */
function offsetMs(atMs: number, format: Intl.DateTimeFormat): number {
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
  return local - Math.floor(atMs / 1_000) * 1_000;
}

/** The instant at which a date ("2026-11-23") begins in a time zone. */
export function createStartOfDay(timeZone: string): (date: string) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (date) => {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    // Twice, since the offset at UTC's midnight may not be the one at the zone's own.
    const guess = midnight - offsetMs(midnight, format);
    const start = midnight - offsetMs(guess, format);
    const [earlier, later] = start < guess ? [start, guess] : [guess, start];
    // The earlier of the two, unless it is still in the day before: where the clocks change on that day, or skip midnight.
    return isoDate(earlier + offsetMs(earlier, format)) === date ? earlier : later;
  };
}
