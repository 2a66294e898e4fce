/** What is proven; the names are those of the invariants in docs/ledger.md. */
export type CheckName =
  | 'no-overdraft'
  | 'exactly-once'
  | 'serial'
  | 'conservation'
  | 'chain'
  | 'no-silent-loss'
  | 'bounded-doubt'
  | 'tenancy'
  | 'events'
  | 'redis-copies'
  | 'audit'
  | 'processes';

export interface Finding {
  readonly check: CheckName;
  readonly text: string;
}

/** Enough to see what is wrong; the rest is only counted. */
const KEPT = 200;

export class Findings {
  readonly kept: Finding[] = [];
  count = 0;

  add(check: CheckName, text: string): void {
    this.count++;
    if (this.kept.length < KEPT) this.kept.push({ check, text });
  }
}
