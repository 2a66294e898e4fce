import { hash } from 'node:crypto';

type Body = Record<string, unknown>;

/**
 * The text of a command that its fingerprint covers besides the salt (docs/ledger.md): a JSON array of the type and the
 * fields sent. The auditor's own reading; null if the body cannot be a command of that schema.
 */
export function requestText(schema: string, body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const parts = partsOf(schema, body as Body);
  return parts === null ? null : JSON.stringify(parts);
}

/** The first 16 bytes, in hex, of SHA-256 over the salt in hex, a line feed and the request's text. */
export const saltedFingerprint = (text: string, salt: string | null): string =>
  hash('sha256', `${salt ?? ''}\n${text}`, 'hex').slice(0, 32);

function partsOf(schema: string, body: Body): unknown[] | null {
  switch (schema) {
    case 'charge.v1':
      return [
        'charge',
        body.phone_number,
        twoDecimals(body.amount),
        body.reference ?? null,
        sorted(body.metadata),
      ];
    case 'credit.v1':
      return ['credit', twoDecimals(body.amount), body.reference ?? null];
    case 'reverse.v1':
      return ['reverse', String(body.transaction_id).toLowerCase(), body.reason];
    case 'rebuild.v1':
      return ['rebuild', body.reason ?? null];
    case 'open-vendor.v1':
      return ['open-vendor', body.name, limit(body.daily_limit), body.livemode ?? true];
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

/** Metadata with its names in order; null without any. */
function sorted(metadata: unknown): unknown {
  if (typeof metadata !== 'object' || metadata === null) return null;
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Absent (unchanged) and null (no limit) are different requests. */
function limit(value: unknown): string[] | null {
  if (value === undefined) return null;
  return value === null ? [] : [twoDecimals(value)];
}
