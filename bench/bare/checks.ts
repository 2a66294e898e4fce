import { createHash, randomBytes } from 'node:crypto';
import parsePhoneNumber from 'libphonenumber-js/min';
import { z } from 'zod';
import { vendorToken } from '../load/charges.ts';
import type { Extra } from './extras.ts';

export interface BareBody {
  readonly phone_number: string;
  readonly amount: number;
}

const WINDOW_MS = 60_000;
const LIMIT = 1_000_000_000;
const body = z.strictObject({ phone_number: z.string().min(5).max(32), amount: z.number().positive() });
const key = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[!-}][ -~]*$/);

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64');

/** The vendor by its token's hash; null for a token that is none. */
export function createTokens(vendors: number): (authorization: string) => number | null {
  const known = new Map(
    Array.from({ length: vendors }, (_, index) => [hashOf(vendorToken(index + 1)), index + 1]),
  );
  return (authorization) => known.get(hashOf(authorization.replace(/^Token /, ''))) ?? null;
}

/** Counts requests in windows of a minute; false beyond the limit. */
export function createLimit(): (vendorId: number, nowMs: number) => boolean {
  const windows = new Map<number, { count: number; startedMs: number }>();
  return (vendorId, nowMs) => {
    let window = windows.get(vendorId);
    if (!window || nowMs - window.startedMs >= WINDOW_MS) {
      window = { count: 0, startedMs: nowMs };
      windows.set(vendorId, window);
    }
    return ++window.count <= LIMIT;
  };
}

/** Null for a body or a key that is refused. */
export function readBody(
  extras: ReadonlySet<Extra>,
  given: unknown,
  givenKey: string,
): (BareBody & { key: string }) | null {
  if (extras.has('validation')) {
    const [checked, checkedKey] = [body.safeParse(given), key.safeParse(givenKey)];
    return checked.success && checkedKey.success ? { ...checked.data, key: checkedKey.data } : null;
  }
  const { phone_number, amount } = given as BareBody;
  return amount > 0 && givenKey !== '' ? { phone_number, amount, key: givenKey } : null;
}

export const isPhone = (text: string): boolean => parsePhoneNumber(text, 'IR')?.isValid() === true;

/** A W3C trace context; the caller's trace goes on if it sent one. */
export function traceContext(given: string | undefined): string {
  const trace =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(given ?? '')?.[1] ?? randomBytes(16).toString('hex');
  return `00-${trace}-${randomBytes(8).toString('hex')}-00`;
}
