import type { Claim } from '../load/book.ts';
import type { Findings } from './findings.ts';
import type { Row } from './rows.ts';

/** What the system writes for a vendor without a client of ours asking for it. */
const OWN = /^~(open-vendor|update-vendor)\//;

/** What clients were told of sales too many to be claims of their own. */
export interface MoreClaims {
  /** Holds a row against the record. Null if it is not of the record; else what it adds to the clients' tally. */
  check(row: Row, findings: Findings): bigint | null;
  /** What was told and seen nowhere. */
  finish(findings: Findings): void;
}

interface Told {
  readonly vendorId: number;
  readonly claims: readonly Claim[];
  readonly erased?: ReadonlySet<string> | undefined;
  readonly more?: MoreClaims | undefined;
}

/**
 * The clients' record against a vendor's rows: what they were told is there with that content, what they were told was
 * not done is not there, and nothing else is. Returns the balance by their tally.
 */
export function checkClaims(
  { vendorId, claims, erased, more }: Told,
  rows: readonly Row[],
  findings: Findings,
): bigint {
  const byKey = new Map(rows.map((row) => [row.message_id, row]));
  const known = new Set<string>();
  let tally = 0n;
  for (const claim of claims) {
    const where = `vendor ${vendorId}, ${claim.kind} ${claim.messageId}`;
    const row = byKey.get(claim.messageId);
    known.add(claim.messageId);
    if (claim.told === null) {
      if (row && claim.denied)
        findings.add('bounded-doubt', `${where}: said to be not done, and it is there`);
      continue;
    }
    if (claim.told.outcome === 'posted') tally += claim.kind === 'charge' ? -claim.amount : claim.amount;
    if (!row) {
      findings.add('no-silent-loss', `${where}: told ${claim.told.outcome}, and it is not there`);
      continue;
    }
    for (const difference of compare(claim, row, erased))
      findings.add('exactly-once', `${where}: ${difference}`);
  }
  for (const row of rows) {
    const { message_id: key, seq } = row;
    if (known.has(key) || OWN.test(key)) continue;
    const effect = more?.check(row, findings) ?? null;
    if (effect !== null) tally += effect;
    else findings.add('exactly-once', `vendor ${vendorId}, transaction ${seq}: nobody asked for ${key}`);
  }
  return tally;
}

function compare(
  { kind, told, amount, phone, reversalOf }: Claim,
  row: Row,
  erased: ReadonlySet<string> = new Set(),
): string[] {
  const differences: string[] = [];
  const compareOne = (what: string, expected: unknown, found: unknown) => {
    if (expected !== found) differences.push(`${what}: ${expected} was told, ${found} is there`);
  };
  compareOne('type', kind, row.type);
  compareOne('phone', phone, row.phone_number ?? (phone !== null && erased.has(phone) ? phone : null));
  compareOne('reversal of', reversalOf, row.resolves);
  // A reversal that finds nothing to reverse has no amount.
  if (kind !== 'reversal' || told!.outcome === 'posted') compareOne('amount', amount, BigInt(row.amount));
  if (told!.outcome === 'posted') {
    compareOne('status', 'posted', row.status);
    compareOne('id', told!.id, row.id);
    if (told!.before !== null) compareOne('balance before', told!.before, BigInt(row.balance_before));
    if (told!.after !== null) compareOne('balance after', told!.after, BigInt(row.balance_after));
  } else {
    compareOne('status', 'rejected', row.status);
    compareOne('reason', told!.code, row.reason);
    if (told!.id !== null) compareOne('id', told!.id, row.id);
  }
  return differences;
}
