import { type Answer, type Latency, type LoadResult, noAnswers } from './plan.ts';

const MAX_ODDITIES = 5;
/** Latencies kept; at ten thousand a second that is ten minutes' worth. */
const MAX_SAMPLES = 8_000_000;

/** Counts answers, and their times while measuring. */
export class Tally {
  readonly total = noAnswers();
  readonly #measured = noAnswers();
  readonly #oddities: string[] = [];
  #latencies = new Float32Array(1 << 16);
  #samples = 0;
  #startedAt = Number.POSITIVE_INFINITY;
  #endedAt = Number.POSITIVE_INFINITY;
  soldIndexes = 0;
  sent = 0;

  /** Measures from now on. */
  begin(now: number): void {
    this.#startedAt = now;
  }

  end(now: number): void {
    this.#endedAt = now;
  }

  /**
   * `from` is when it was sent or was to be sent; `count` charges were answered alike. Its time is kept if it was
   * answered while measuring, or as `timed` says: at an open loop, if it was to be sent while measuring.
   */
  answered(answer: Answer, at: { from: number; now: number; timed?: boolean }, count = 1): void {
    this.total[answer] += count;
    const inTime = at.now >= this.#startedAt && at.now < this.#endedAt;
    if (inTime) this.#measured[answer] += count;
    if (at.timed ?? inTime) this.#sample(at.now - at.from);
  }

  sold(index: number, count = 1): void {
    this.soldIndexes += index * count;
  }

  odd(text: string): void {
    if (this.#oddities.length < MAX_ODDITIES) this.#oddities.push(text.slice(0, 300));
  }

  #sample(ms: number): void {
    if (this.#samples >= MAX_SAMPLES) return;
    if (this.#samples === this.#latencies.length) {
      const more = new Float32Array(this.#latencies.length * 2);
      more.set(this.#latencies);
      this.#latencies = more;
    }
    this.#latencies[this.#samples++] = ms;
  }

  result(): LoadResult {
    return {
      measured: {
        seconds: (this.#endedAt - this.#startedAt) / 1_000,
        answers: this.#measured,
        latency: percentiles(this.#latencies.subarray(0, this.#samples)),
      },
      total: this.total,
      soldIndexes: this.soldIndexes,
      sent: this.sent,
      oddities: this.#oddities,
    };
  }
}

/** Exact: every latency was kept. */
export function percentiles(samples: Float32Array): Latency {
  const sorted = samples.toSorted();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  const mean = sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(1, sorted.length);
  return { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
