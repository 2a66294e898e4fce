/** What a generator process is told to do, and what it answers. Plain data: it crosses between processes. */

/** Which vendor the n-th charge is of; `each` takes one after the other. */
export type Spread = 'uniform' | 'zipf' | 'hot' | 'each';

/** The n-th charge is a pure function of this and of n, so that a repeat is the same to the letter. */
export interface Charges {
  /** Vendors 1 … n. */
  readonly vendors: number;
  readonly spread: Spread;
  /** Decimal text; the same for all. */
  readonly amount: string;
  /** Keys are `<prefix>.<n>`: how the books tell one load from another. */
  readonly prefix: string;
  /** Keys come from the first so many only, again and again. */
  readonly repeatEvery?: number;
}

interface Timing {
  readonly warmupMs: number;
  readonly measureMs: number;
}

export interface Timetable {
  readonly tickMs: number;
  readonly counts: readonly number[];
}

export interface HttpPlan extends Charges, Timing {
  readonly kind: 'http';
  readonly ports: readonly number[];
  /** Path of the request; `*` stands for the vendor's id. The service's own unless given. */
  readonly path?: string;
  /** Requests in flight at once; at an open loop the most of them. */
  readonly connections: number;
  /** Requests a second, whatever the answers do; null sends the next when one is answered. */
  readonly rate: number | null;
  /** Instead of one rate, so many requests in each tick, one tick after the other. */
  readonly timetable?: Timetable;
  /** Items of one bulk request; null sells one by one. */
  readonly bulk: number | null;
  /** Ends after so many requests, however much time is left. */
  readonly limit?: number;
}

export interface WindowPlan extends Charges, Timing {
  readonly kind: 'window';
  readonly natsUrl: string;
  readonly nkeySeed: string;
  /** Commands awaiting their outcome at once. */
  readonly window: number;
}

/** Publishes and waits for the log's acknowledgement only. */
export interface FillPlan extends Charges {
  readonly kind: 'fill';
  readonly natsUrl: string;
  readonly nkeySeed: string;
  readonly window: number;
  readonly count: number;
}

export type LoadPlan = HttpPlan | WindowPlan | FillPlan;

/** What became of a charge, as the caller sees it. */
export type Answer = 'sold' | 'replayed' | 'rejected' | 'pending' | 'refused' | 'failed';
export type Answers = Record<Answer, number>;

export const noAnswers = (): Answers => ({
  sold: 0,
  replayed: 0,
  rejected: 0,
  pending: 0,
  refused: 0,
  failed: 0,
});

/** Milliseconds. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  /** Of the measured time only. */
  readonly measured: { readonly seconds: number; readonly answers: Answers; readonly latency: Latency };
  /** Of the whole load, warm-up and all: what the books must show. */
  readonly total: Answers;
  /** Sum of n over all that were sold: a second tally beside their number. */
  readonly soldIndexes: number;
  /** Charges asked for. */
  readonly sent: number;
  /** The first few unexpected answers, for whoever looks for the reason. */
  readonly oddities: readonly string[];
}

export type LoadMessage =
  | { kind: 'measuring' }
  | { kind: 'measured' }
  | { kind: 'result'; result: LoadResult };
