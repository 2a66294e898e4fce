let lastMs = Number.NaN;
let lastText = '';

/** ISO 8601 in UTC. Times come in runs of equal ones (a batch has one), so the last is remembered. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
