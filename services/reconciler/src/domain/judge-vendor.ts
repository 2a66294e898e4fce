import { groupMoney } from '@b2b-charge/contracts';
import type { DecisionState, Head, LastTransaction, SpanSums, StoredVendor } from './books.ts';
import { finding, levelOfDifference, type NewFinding } from './finding.ts';

export interface VendorEvidence {
  readonly stored: StoredVendor;
  readonly last: LastTransaction | null;
  /** Where the audit began: genesis, or the head of the last checkpoint. */
  readonly from: Head;
  readonly sums: SpanSums;
  /** What the rows say of the vendor's settings and its charges, after the last one. */
  readonly state: DecisionState;
  readonly minorLimit: bigint;
}

export interface Verdict {
  readonly calculated: bigint;
  /** The head to vouch for if nothing is wrong. */
  readonly head: Head;
  readonly findings: readonly NewFinding[];
}

/** Holds the stored copies against what the transactions add up to. Pure; the rows themselves are checked elsewhere. */
export function judgeVendor(evidence: VendorEvidence): Verdict {
  const { stored, last, from, sums, state } = evidence;
  const calculated = from.balance + sums.added - sums.taken;
  const held = from.held + sums.held;
  const charged = sums.chargedOnDay + (from.chargedDay === stored.businessDay ? from.charged : 0n);
  const head: Head = {
    seq: last?.seq ?? 0,
    balance: calculated,
    held,
    hash: last?.hash ?? from.hash,
    // By the rows: the stored day is a copy, and the next audit decides from here on.
    chargedDay: state.day,
    charged: state.charged,
    status: state.status,
    dailyLimit: state.dailyLimit,
    added: from.added + sums.added,
    taken: from.taken + sums.taken,
  };
  const findings = [
    ...judgeBalance(evidence, calculated),
    ...judgeHeld(evidence, held),
    ...judgeHead(evidence, calculated, head),
    ...judgeCounter(evidence, charged),
    ...judgeSettings(evidence),
  ];
  return { calculated, head, findings };
}

function judgeBalance({ stored, minorLimit }: VendorEvidence, calculated: bigint): NewFinding[] {
  if (stored.balance === calculated) return [];
  return [
    finding({
      check: 'stored-balance',
      message: 'the stored balance is not what the transactions add up to',
      vendorId: stored.vendorId,
      seq: stored.seq,
      expected: groupMoney(calculated),
      found: groupMoney(stored.balance),
      level: levelOfDifference(stored.balance - calculated, minorLimit),
      fixable: true,
    }),
  ];
}

/** Commands alone change what a vendor may do: a row that says otherwise was written past the ledger. */
function judgeSettings({ stored, last, state }: VendorEvidence): NewFinding[] {
  if (last === null) return [];
  const textOf = (status: string, limit: bigint | null, livemode: boolean) =>
    `${status}, limit ${limit === null ? 'none' : groupMoney(limit)}, ${livemode ? 'live' : 'test'}`;
  const expected = textOf(state.status, state.dailyLimit, last.livemode);
  const found = textOf(stored.status, stored.dailyLimit, stored.livemode);
  if (expected === found) return [];
  return [
    finding({
      check: 'conservation',
      message: "the vendor's row has other settings than its transactions set",
      vendorId: stored.vendorId,
      seq: stored.seq,
      expected,
      found,
    }),
  ];
}

function judgeHeld({ stored, last }: VendorEvidence, held: bigint): NewFinding[] {
  if (stored.held === held && (last === null || last.heldAfter === held)) return [];
  return [
    finding({
      check: 'conservation',
      message: 'what is held is not the sum of all effects',
      vendorId: stored.vendorId,
      seq: stored.seq,
      expected: groupMoney(held),
      found: `${groupMoney(stored.held)} stored, ${groupMoney(last?.heldAfter ?? 0n)} in the last transaction`,
    }),
  ];
}

function judgeHead(
  { stored, last, from, sums }: VendorEvidence,
  calculated: bigint,
  head: Head,
): NewFinding[] {
  const { vendorId } = stored;
  const found: NewFinding[] = [];
  if (last === null || last.seq !== stored.seq) {
    found.push(
      finding({
        check: 'chain',
        message: "the vendor's row and its last transaction have different numbers",
        vendorId,
        expected: last?.seq ?? 'a transaction',
        found: stored.seq,
      }),
    );
  }
  if (last === null) return found;
  if (last.hash !== stored.headHash) {
    found.push(
      finding({
        check: 'chain',
        message: "the vendor's row and its last transaction have different hashes",
        vendorId,
        seq: last.seq,
        expected: last.hash,
        found: stored.headHash,
      }),
    );
  }
  if (last.seq !== from.seq + sums.rows) {
    found.push(
      finding({
        check: 'chain',
        message: 'the number of transactions is not the number of the last one',
        vendorId,
        expected: last.seq - from.seq,
        found: sums.rows,
      }),
    );
  }
  if (last.balanceAfter !== calculated || head.balance !== head.added - head.taken) {
    found.push(
      finding({
        check: 'conservation',
        message: "the last transaction's balance is not the sum of all effects",
        vendorId,
        seq: last.seq,
        expected: groupMoney(calculated),
        found: groupMoney(last.balanceAfter),
      }),
    );
  }
  return found;
}

function judgeCounter({ stored, last, minorLimit }: VendorEvidence, charged: bigint): NewFinding[] {
  const counter = { check: 'daily-counter', vendorId: stored.vendorId, seq: stored.seq } as const;
  if (last !== null && last.day !== stored.businessDay) {
    return [
      finding({
        ...counter,
        message: "the counter's day is not that of the last transaction",
        expected: last.day,
        found: stored.businessDay,
      }),
    ];
  }
  if (stored.chargedToday === charged) return [];
  return [
    finding({
      ...counter,
      message: `the daily counter is not what was charged on ${stored.businessDay}`,
      expected: groupMoney(charged),
      found: groupMoney(stored.chargedToday),
      level: levelOfDifference(stored.chargedToday - charged, minorLimit),
      fixable: true,
    }),
  ];
}
