export interface PauseRules {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long an endpoint is left alone after so many failures in a row: three times as long each time, up to a bound,
 * shortened by up to a third at random so that endpoints which fell together do not rise together. A Retry-After is
 * honoured as far as the bound goes.
 */
export function pauseAfter(
  failures: number,
  { firstMs, maxMs }: PauseRules,
  { random, retryAfterMs }: { random: number; retryAfterMs: number | null },
): number {
  const full = Math.min(maxMs, firstMs * 3 ** Math.min(failures - 1, 20));
  const own = full * (1 - random / 3);
  return Math.round(Math.max(own, Math.min(retryAfterMs ?? 0, maxMs)));
}

/** Milliseconds that a Retry-After header asks for (RFC 9110: seconds, or a date); null if it says nothing sensible. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  // Node would read "-5" as a year.
  const atMs = /^[A-Z][a-z]{2}, .* GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
