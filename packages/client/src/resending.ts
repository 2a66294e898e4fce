/** Copies published by one sweep, so that a server that has just come back is not met by all of them at once. */
export const RESENDS_PER_SWEEP = 256;
/** Over how long what waits is spread after a reconnect. */
const SPREAD_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

interface Waiting {
  readonly accepted: boolean;
  copies: number;
  lookupAtMs: number;
  resendAtMs: number;
}

/** When a command without a PubAck is published the next time: pauses double, and are shortened at random. */
export function nextCopyAt({ copies }: Waiting, resendAfterMs: number): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, resendAfterMs * 2 ** Math.min(copies - 1, 10));
  return Date.now() + pauseMs * (0.75 + Math.random() / 4);
}

/** After a reconnect: what the log has is looked up, what it may not have is published again; not all in one moment. */
export function scatter(waiting: Iterable<Waiting>, now: number): void {
  for (const one of waiting) {
    const atMs = now + Math.random() * SPREAD_MS;
    if (one.accepted) one.lookupAtMs = Math.min(one.lookupAtMs, atMs);
    else one.resendAtMs = Math.min(one.resendAtMs, atMs);
  }
}
