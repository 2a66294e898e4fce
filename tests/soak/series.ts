/** What is measured, in the order of the report. */
export const KINDS = {
  memory: { title: 'memory', unit: 'MB', leak: { share: 0.15, slack: 20 } },
  heap: { title: 'heap after collecting garbage', unit: 'MB', leak: { share: 0.1, slack: 4 } },
  files: { title: 'open files', unit: 'files', leak: { share: 0.1, slack: 8 } },
  sockets: { title: 'sockets', unit: 'sockets', leak: { share: 0.1, slack: 8 } },
  connections: { title: 'connections to PostgreSQL', unit: 'connections', leak: { share: 0.1, slack: 4 } },
  'nats-connections': { title: 'connections to NATS', unit: 'connections', leak: { share: 0, slack: 2 } },
  subscriptions: { title: 'NATS subscriptions', unit: 'subscriptions', leak: { share: 0.1, slack: 8 } },
  consumers: { title: 'JetStream consumers', unit: 'consumers', leak: { share: 0.1, slack: 3 } },
  'redis-clients': { title: 'clients of Redis', unit: 'clients', leak: { share: 0.1, slack: 3 } },
  // What these show may rise: work is done, and logs keep a week.
  cpu: { title: 'CPU', unit: '% of a core', leak: null },
  sales: { title: 'sales', unit: 'a second', leak: null },
  latency: { title: 'latency of sales', unit: 'ms', leak: null },
  stream: { title: 'streams', unit: 'MB', leak: null },
} as const satisfies Record<string, { title: string; unit: string; leak: Limit | null }>;
export type Kind = keyof typeof KINDS;

/** By how much a level may rise within half of a life: this share of it, and so much more. */
interface Limit {
  readonly share: number;
  readonly slack: number;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
  /** Which process of the part it was, from 1 on: each restart begins another life. */
  readonly life: number;
}

export interface Series {
  readonly kind: Kind;
  /** Whose it is: "ledger 1", "LEDGER_EVENTS". */
  readonly part: string;
  readonly points: readonly Point[];
}

/** How one life of a part went. */
export interface Trend {
  readonly life: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Medians of both halves. */
  readonly first: number;
  readonly second: number;
  readonly peak: number;
  /** Of its later half, a minute. */
  readonly slope: number;
  readonly verdict: 'flat' | 'LEAK' | 'too short' | 'not judged';
}

/**
 * A shorter life says nothing about a trend: PostgreSQL's buffers and the caches of NATS fill for minutes, and level off later.
 * Nor does one that is short beside the whole run, nor fewer points in its later half.
 */
const SHORTEST_MS = 300_000;
const SHORTEST_SHARE = 0.2;
const FEWEST_POINTS = 4;
/** Slopes are taken from so many points at most, evenly chosen. */
const MOST_POINTS = 120;
/** Of all pairs of points, those that rise; half of them do where nothing changes. */
const RISING = 0.65;

/** The lives of a series, each judged by itself: caches fill and code is compiled anew after each restart. */
export function trendsOf({ kind, points }: Series): Trend[] {
  const shortestMs = Math.max(SHORTEST_MS, SHORTEST_SHARE * (points.at(-1)?.atMs ?? 0));
  return [...Map.groupBy(points, ({ life }) => life)].map(([life, own]) =>
    trendOf(kind, { life, shortestMs }, own),
  );
}

/**
 * A leak goes on: in the later half of a life the level rises steadily (Theil-Sen's slope, so that a peak is none, nor a
 * step that stays) by more than its limit.
 */
function trendOf(
  kind: Kind,
  { life, shortestMs }: { life: number; shortestMs: number },
  points: readonly Point[],
): Trend {
  const half = Math.floor(points.length / 2);
  const late = thinned(points.slice(half));
  const values = (part: readonly Point[]) => part.map(({ value }) => value);
  const [first, second] = [median(values(points.slice(0, half + 1))), median(values(points.slice(half)))];
  const [fromMs, toMs] = [points[0]!.atMs, points.at(-1)!.atMs];
  const slopes = late.flatMap((from, index) =>
    late.slice(index + 1).map((to) => (to.value - from.value) / Math.max(1, to.atMs - from.atMs)),
  );
  const slope = median(slopes);
  const rise = slope * (late.at(-1)!.atMs - late[0]!.atMs);
  const { leak } = KINDS[kind];
  const judged = toMs - fromMs >= shortestMs && late.length >= FEWEST_POINTS;
  const rising = slopes.filter((one) => one > 0).length > RISING * slopes.length;
  const leaks = leak !== null && rising && rise > leak.share * second + leak.slack;
  return {
    life,
    fromMs,
    toMs,
    first,
    second,
    peak: Math.max(...values(points)),
    slope: slope * 60_000,
    verdict: leak === null ? 'not judged' : !judged ? 'too short' : leaks ? 'LEAK' : 'flat',
  };
}

function thinned(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % step === 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
