import type { Checked } from '../chaos/check/check.ts';
import { Findings } from '../chaos/check/findings.ts';
import type { FaultName } from '../chaos/faults/fault.ts';
import type { Book } from '../chaos/load/book.ts';
import type { Sampler } from './sampler.ts';
import type { Seller } from './seller.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Sales a second; null: half of what the machine takes at most. */
  readonly rate: number | null;
  readonly calibrateSeconds: number;
  /** Seconds between two faults. */
  readonly faultEvery: number;
  readonly faults: readonly FaultName[];
  readonly longestFaultMs: number;
  readonly sampleEveryMs: number;
  readonly heapsEveryMs: number;
  readonly shops: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
  /** Ends the selling and leaves out the proof. */
  readonly stop: AbortSignal;
}

export interface FaultMark {
  readonly atMs: number;
  readonly victim: string;
  readonly text: string;
}

/** What became of the doubts, and what was held against the books; nothing of it before the proof. */
export interface Proof {
  readonly doubts: { readonly executed: number; readonly neverExecuted: number; readonly open: number };
  readonly checked: Checked;
  readonly seconds: number;
}

/** Everything that a soak knows up to now. */
export class SoakState {
  readonly startedAtMs = Date.now();
  readonly findings = new Findings();
  readonly faults: FaultMark[] = [];
  phase: 'starting' | 'calibrating' | 'selling' | 'proving' | 'done' = 'starting';
  saturation: number | null = null;
  rate = 0;
  sellingFromMs: number | null = null;
  sellingToMs: number | null = null;
  /** Sold while it was calibrated. */
  soldBefore = 0;
  slowestReturnMs: Readonly<Record<string, number>> = {};
  proof: Proof | null = null;
  /** Why it ended before its end. */
  stoppedBy: string | null = null;
  seller: Seller | undefined;
  tills: Book | undefined;
  sampler: Sampler | undefined;
}

export function latencies(samples: readonly number[]): { median: number; p99: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { median: at(0.5), p99: at(0.99) };
}
