/** What is measured, in the order of the report. */
export const KINDS = {
  memory: { unit: 'MB', leak: { factor: 1.25, slack: 40 } },
  files: { unit: 'files', leak: { factor: 1.2, slack: 8 } },
  sockets: { unit: 'sockets', leak: { factor: 1.2, slack: 8 } },
  connections: { unit: 'connections', leak: { factor: 1.2, slack: 4 } },
  consumers: { unit: 'consumers', leak: { factor: 1.2, slack: 3 } },
  subscriptions: { unit: 'subscriptions', leak: { factor: 1.2, slack: 8 } },
  // What these show may grow: work is done, and logs keep a week.
  cpu: { unit: '% of a core', leak: null },
  stream: { unit: 'MB', leak: null },
} as const satisfies Record<string, { unit: string; leak: Limit | null }>;
export type Kind = keyof typeof KINDS;

/** A level may rise to so many times the earlier one, and so much more. */
interface Limit {
  readonly factor: number;
  readonly slack: number;
}

export interface Series {
  readonly kind: Kind;
  /** Whose it is: "ledger 1", "LEDGER_EVENTS". */
  readonly part: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

export interface Trend {
  readonly first: number;
  readonly second: number;
  readonly peak: number;
  readonly leaks: boolean;
}

/** Less than this says nothing about a trend. */
const FEWEST_POINTS = 8;
/** While caches fill and code is compiled. */
const WARM_UP = 0.1;

/**
 * A leak is a level that is over its limit in the second half against the first, and still rises within the second half:
 * medians, so that a peak is none, nor a restart after a fault, nor a step that stays.
 */
export function trendOf({ kind, points }: Series): Trend {
  const values = points.map(({ value }) => value);
  const warm = values.slice(Math.floor(values.length * WARM_UP));
  const half = Math.floor(warm.length / 2);
  const [first, second] = [median(warm.slice(0, half)), median(warm.slice(half))];
  const late = warm.slice(half);
  const [third, fourth] = [
    median(late.slice(0, Math.floor(late.length / 2))),
    median(late.slice(late.length / 2)),
  ];
  const { leak } = KINDS[kind];
  const over = (after: number, before: number, share: number) =>
    leak !== null && after > before + share * (before * (leak.factor - 1) + leak.slack);
  return {
    first,
    second,
    peak: Math.max(0, ...values),
    // Within one quarter, a quarter of the limit is as steep.
    leaks: warm.length >= FEWEST_POINTS && over(second, first, 1) && over(fourth, third, 0.25),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
