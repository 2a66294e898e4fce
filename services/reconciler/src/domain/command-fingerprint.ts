import { hash } from 'node:crypto';

type Body = Record<string, unknown>;

/**
 * The auditor's own reading of a command's fingerprint (docs/ledger.md): the first 16 bytes, in hex, of SHA-256 over a
 * JSON array of the type and the fields sent. Null if the body cannot be a command of that schema.
 */
export function commandFingerprint(schema: string, body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const parts = partsOf(schema, body as Body);
  return parts === null ? null : hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}

function partsOf(schema: string, body: Body): unknown[] | null {
  switch (schema) {
    case 'charge.v1':
      return ['charge', body.phone_number, twoDecimals(body.amount)];
    case 'credit.v1':
      return ['credit', twoDecimals(body.amount), body.reference ?? null];
    case 'reverse.v1':
      return ['reverse', String(body.transaction_id).toLowerCase(), body.reason];
    case 'rebuild.v1':
      return ['rebuild', body.reason ?? null];
    case 'open-vendor.v1':
      return ['open-vendor', body.name, limit(body.daily_limit)];
    case 'update-vendor.v1':
      return ['update-vendor', body.name ?? null, body.status ?? null, limit(body.daily_limit)];
    default:
      return null;
  }
}

/** "50000" and "50000.5" are the same amounts as "50000.00" and "50000.50". */
function twoDecimals(amount: unknown): string {
  const [whole = '', decimals = ''] = String(amount).split('.');
  return `${whole}.${decimals.padEnd(2, '0')}`;
}

/** Absent (unchanged) and null (no limit) are different requests. */
function limit(value: unknown): string[] | null {
  if (value === undefined) return null;
  return value === null ? [] : [twoDecimals(value)];
}
