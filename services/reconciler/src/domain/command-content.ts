import { canonicalJson } from '@b2b-charge/contracts';

type Body = Record<string, unknown>;

/** The columns that a command fills besides those that have a header, an amount or a phone number. */
export interface CommandContent {
  /** Canonical JSON of what the command carried; null without any. */
  readonly details: string | null;
  /** The transaction that it reverses; null for another command. */
  readonly resolves: string | null;
}

const NOTHING: CommandContent = { details: null, resolves: null };

/** The auditor's own reading of a body (docs/ledger.md); null if it cannot be a command of that schema. */
export function contentOf(schema: string, body: unknown): CommandContent | null {
  if (typeof body !== 'object' || body === null) return null;
  const given = body as Body;
  switch (schema) {
    case 'charge.v1':
      return { ...NOTHING, details: textOf({ metadata: given.metadata }) };
    case 'credit.v1':
      return NOTHING;
    case 'reverse.v1':
      return {
        details: textOf({ reason: given.reason }),
        resolves: String(given.transaction_id).toLowerCase(),
      };
    case 'rebuild.v1':
      return { ...NOTHING, details: textOf({ reason: given.reason }) };
    case 'open-vendor.v1':
      return {
        ...NOTHING,
        details: textOf({
          name: given.name,
          daily_limit: given.daily_limit ?? null,
          livemode: given.livemode ?? true,
        }),
      };
    case 'update-vendor.v1':
      return {
        ...NOTHING,
        details: textOf({ name: given.name, status: given.status, daily_limit: given.daily_limit }),
      };
    default:
      return null;
  }
}

/** What the ledger adds to the details by itself. */
const NOTED: Readonly<Record<string, readonly string[]>> = {
  charge: ['limit', 'used'],
  rebuild: ['stored_balance', 'calculated_balance', 'stored_charged_today', 'calculated_charged_today'],
};

/** A row's details without what the ledger added to them; undefined if the text is no JSON object. */
export function detailsAsSent(type: string, details: string | null): string | null | undefined {
  if (details === null) return null;
  try {
    const parsed: unknown = JSON.parse(details);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const noted = NOTED[type] ?? [];
    return textOf(Object.fromEntries(Object.entries(parsed).filter(([name]) => !noted.includes(name))));
  } catch {
    return undefined;
  }
}

function textOf(values: Body): string | null {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.length === 0 ? null : canonicalJson(Object.fromEntries(given));
}
