import type { Figure } from '../harness/figure.ts';

export interface Ratio {
  readonly of: string;
  readonly to: string;
  /** How many times the rate. */
  readonly value: number;
  /** How many times less CPU a charge takes, over all processes but the generator; null where that is not known. */
  readonly cpu: number | null;
}

const PAIRS: readonly { title: string; of: string; over: string; to: string }[] = [
  { title: 'HTTP, 64 in flight, 10 vendors', of: 'http-64', over: 'bare-64', to: 'the bare shape' },
  { title: 'the same', of: 'http-64', over: 'whole-64', to: 'the bare shape with all extras' },
  { title: 'the same, by wrk', of: 'wrk', over: 'http-64', to: 'by our own generator' },
  { title: 'HTTP, 128 in flight, 10,000 vendors', of: 'http-128', over: 'bare-128', to: 'the bare shape' },
  { title: 'the same', of: 'http-128', over: 'whole-128', to: 'the bare shape with all extras' },
  { title: 'HTTP, 128 in flight, 10,000 vendors', of: 'http-128', over: 'naive', to: 'the naive service' },
  {
    title: 'the same',
    of: 'http-128',
    over: 'naive-pipelined',
    to: 'the naive service, statements pipelined',
  },
  { title: 'the same', of: 'http-128', over: 'locked', to: 'the one with a Redis lock' },
  {
    title: 'HTTP, 128 in flight, one hot vendor',
    of: 'hot',
    over: 'naive-hot',
    to: 'the naive service, hot',
  },
  { title: 'the same', of: 'hot', over: 'naive-pipelined-hot', to: 'the naive service, pipelined, hot' },
  { title: 'the same', of: 'hot', over: 'locked-hot', to: 'the one with a Redis lock, hot' },
  { title: 'the same', of: 'hot', over: 'http-128', to: '10,000 vendors' },
  { title: 'drain', of: 'drain', over: 'ceiling-512', to: 'the bare loop, 512' },
  { title: 'drain', of: 'drain', over: 'ceiling-128', to: 'the bare loop, 128' },
  { title: 'drain, 2 ledgers', of: 'drain-2', over: 'drain', to: '1 ledger' },
  { title: 'drain, 4 ledgers', of: 'drain-4', over: 'drain', to: '1 ledger' },
  { title: 'HTTP, 2 gateways', of: 'gateways-2', over: 'http-128', to: '1 gateway' },
  { title: 'HTTP, 128 in flight', of: 'http-128', over: 'pgbench-tpcb', to: "pgbench's own transactions" },
  { title: 'history 10⁶, HTTP', of: 'history-1e6-http', over: 'history-1e4-http', to: 'history 10⁴' },
  { title: 'history 10⁶, drain', of: 'history-1e6-drain', over: 'history-1e4-drain', to: 'history 10⁴' },
  { title: 'history 10⁷, HTTP', of: 'history-1e7-http', over: 'history-1e4-http', to: 'history 10⁴' },
  { title: 'history 10⁷, drain', of: 'history-1e7-drain', over: 'history-1e4-drain', to: 'history 10⁴' },
  {
    title: '100,000 vendors, HTTP',
    of: 'vendors-100000-http',
    over: 'vendors-1000-http',
    to: '1,000 vendors',
  },
  {
    title: '100,000 vendors, drain',
    of: 'vendors-100000-drain',
    over: 'vendors-1000-drain',
    to: '1,000 vendors',
  },
  {
    title: 'current nats-server, HTTP',
    of: 'nats-other-http',
    over: 'nats-own-http',
    to: "the machine's own",
  },
  {
    title: 'current nats-server, drain',
    of: 'nats-other-drain',
    over: 'nats-own-drain',
    to: "the machine's own",
  },
  { title: 'sync_interval: always, HTTP', of: 'nats-sync-http', over: 'nats-other-http', to: 'the default' },
];

export function ratiosOf(figures: readonly Figure[]): Ratio[] {
  const sound = new Map(
    figures
      .filter(({ discrepancies }) => discrepancies.length === 0)
      .map((figure) => [figure.scenario, figure]),
  );
  return PAIRS.flatMap(({ title, of, over, to }) => {
    const [above, below] = [sound.get(of), sound.get(over)];
    const [rate, base] = [rateOf(above), rateOf(below)];
    if (!rate || !base) return [];
    const [cpu, baseCpu] = [cpuOf(above), cpuOf(below)];
    return [{ of: title, to, value: rate / base, cpu: cpu && baseCpu ? baseCpu / cpu : null }];
  });
}

const rateOf = (figure: Figure | undefined) => figure?.drainedPerS ?? figure?.outcomesPerS;

function cpuOf(figure: Figure | undefined): number | undefined {
  if (!figure?.cpuUsPerCharge) return undefined;
  const { generator: _, ...parts } = figure.cpuUsPerCharge;
  return Object.values(parts).reduce((sum, us) => sum + us, 0);
}
