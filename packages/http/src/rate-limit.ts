import type { RateLimiter, Verdict } from './limits/rate-limiter.ts';
import type { VendorPrincipal } from './tokens/principal.ts';

export const takePoints = (
  limiter: RateLimiter,
  { vendorId, rateLimit }: VendorPrincipal,
  cost: number,
): Verdict | Promise<Verdict> => limiter.consume(vendorId, cost, rateLimit ?? undefined);

/** The limit, what is left of it, and the seconds until it is whole again. */
export function limitHeaders(
  { allowed, limit, remaining, resetAtMs }: Verdict,
  nowMs: number,
): Record<string, string> {
  const reset = String(Math.max(1, Math.ceil((resetAtMs - nowMs) / 1_000)));
  const headers: Record<string, string> = {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': reset,
  };
  if (!allowed) headers['retry-after'] = reset;
  return headers;
}
