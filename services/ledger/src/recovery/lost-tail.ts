/** A transaction as its event announced it. */
export interface Announced {
  readonly vendorId: number;
  readonly streamEpoch: number;
  readonly streamSeq: number;
  readonly decidedAtMs: number;
  /** When the stream stored the event. */
  readonly storedMs: number;
}

/** What a command's time depends on. */
interface Read {
  readonly streamSeq: number;
  /** When the log stored it. */
  readonly timeMs: number;
  readonly expiresAtMs: number | null;
}

/**
 * What was decided in the ledger's last moments may not have been announced any more. Of commands stored up to so long
 * after its last sign of life it is assumed that somebody may have been told their outcome.
 */
export const GRACE_MS = 10_000;

/** The commands of one lane that were decided, or may have been, before the database went back. */
export class LostTail {
  readonly untilSeq: number;
  readonly #aliveMs: number;
  readonly #decidedAt = new Map<number, number>();
  #lastMs = 0;

  /** `aliveMs`: when the ledger last announced anything before the database went back. */
  constructor(untilSeq: number, aliveMs: number) {
    this.untilSeq = untilSeq;
    this.#aliveMs = aliveMs;
  }

  get size(): number {
    return this.#decidedAt.size;
  }

  add({ streamSeq, decidedAtMs }: Announced): void {
    this.#decidedAt.set(streamSeq, decidedAtMs);
  }

  /**
   * The time as of which a command is decided: its own, if it was announced; so it gets the same outcome, id and hash
   * again. One that was not announced was decided without a transaction, or in the last moments: as of when it was stored,
   * unless its deadline had passed while the ledger still lived; then its sender may know that it expired. Undefined: now.
   */
  asOf({ streamSeq, timeMs, expiresAtMs }: Read): number | undefined {
    if (streamSeq > this.untilSeq) return undefined;
    const announced = this.#decidedAt.get(streamSeq);
    if (announced !== undefined) {
      this.#lastMs = Math.max(this.#lastMs, announced);
      return announced;
    }
    if (timeMs > this.#aliveMs + GRACE_MS) return undefined;
    if (expiresAtMs !== null && expiresAtMs <= this.#aliveMs) return undefined;
    return Math.max(timeMs, this.#lastMs);
  }
}
