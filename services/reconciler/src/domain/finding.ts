import type { CheckName, Level } from '@b2b-charge/contracts';
import { ADVICE } from './advice.ts';

/** What a check found, before it is numbered within its run. */
export interface NewFinding {
  readonly check: CheckName;
  readonly level: Exclude<Level, 'VERIFIED'>;
  readonly vendorId: number | null;
  readonly seq: number | null;
  readonly transactionId: string | null;
  readonly expected: string;
  readonly found: string;
  readonly message: string;
  readonly advice: string;
  /** Whether a `rebuild` command makes it good. */
  readonly fixable: boolean;
}

interface Found {
  readonly check: CheckName;
  readonly message: string;
  readonly expected: string | number | bigint;
  readonly found: string | number | bigint;
  readonly vendorId?: number | null;
  readonly seq?: number | null;
  readonly transactionId?: string | null;
  readonly level?: NewFinding['level'];
  readonly fixable?: boolean;
}

/** CRITICAL unless said otherwise: only stored copies can be slightly wrong. */
export function finding(found: Found): NewFinding {
  const level = found.level ?? 'CRITICAL';
  return {
    check: found.check,
    level,
    vendorId: found.vendorId ?? null,
    seq: found.seq ?? null,
    transactionId: found.transactionId ?? null,
    expected: String(found.expected),
    found: String(found.found),
    message: found.message,
    advice: ADVICE[found.check],
    fixable: level === 'MINOR_DISCREPANCY' && found.fixable === true,
  };
}

/** A stored copy that differs by no more than the limit is minor: the transactions say what it should be. */
export function levelOfDifference(difference: bigint, minorLimit: bigint): NewFinding['level'] {
  const size = difference < 0n ? -difference : difference;
  return size <= minorLimit ? 'MINOR_DISCREPANCY' : 'CRITICAL';
}

/** What one statement lists at most; a history that is wrong all over would fill the memory. */
export const LISTED = 5_000;

/** A list that is full says so: there may be more. */
export function orMore(findings: readonly NewFinding[]): NewFinding[] {
  if (findings.length < LISTED) return [...findings];
  const { check } = findings[0]!;
  return [
    ...findings,
    finding({
      check,
      message: `there are more than ${LISTED} like this; only the first are listed`,
      expected: 0,
      found: `${LISTED} or more`,
    }),
  ];
}
