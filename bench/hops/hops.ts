import type { ReceivedSpan } from '../../tests/observability/trace-receiver.ts';

/** The way of a sale in order; each hop ends where the next one begins. */
export const HOPS = [
  'gateway, until it publishes',
  'publish, until the log has it',
  'log, until the ledger takes it',
  'load',
  'decide',
  'commit',
  'ledger, until it replies',
  'reply, until the gateway has it',
  'gateway, until it answers',
] as const;

/** Milliseconds of one sale; `hops` in the order of HOPS. */
export interface SaleHops {
  readonly totalMs: number;
  readonly hops: readonly number[];
}

/** The hops of all traces that are whole; the others lost a span on the way to the receiver. */
export function hopsOf(spans: readonly ReceivedSpan[]): { sales: SaleHops[]; incomplete: number } {
  const batchOf = new Map<string, ReceivedSpan>();
  const stepsOf = new Map<string, Map<string, ReceivedSpan>>();
  for (const span of spans) {
    if (span.name === 'batch')
      for (const command of [span.parentSpanId ?? '', ...span.links]) batchOf.set(command, span);
    if (span.name === 'load' || span.name === 'commit') {
      const steps = stepsOf.get(span.parentSpanId ?? '') ?? new Map<string, ReceivedSpan>();
      stepsOf.set(span.parentSpanId ?? '', steps.set(span.name, span));
    }
  }
  const sales: SaleHops[] = [];
  let incomplete = 0;
  for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    const named = (start: string) => trace.find(({ name }) => name.startsWith(start));
    const request = trace.find(({ parentSpanId, service }) => parentSpanId === null && service === 'gateway');
    const [send, decide, reply] = [named('send '), named('decide '), named('reply')];
    const batch = decide && batchOf.get(decide.spanId);
    const steps = batch && stepsOf.get(batch.spanId);
    const [load, commit] = [steps?.get('load'), steps?.get('commit')];
    if (!request || !send || !decide || !reply || !load || !commit) {
      incomplete++;
      continue;
    }
    const marks = [
      ...[request.startMs, send.startMs, decide.startMs, load.startMs, load.endMs, commit.startMs],
      ...[commit.endMs, reply.endMs, send.endMs, request.endMs],
    ];
    sales.push({
      totalMs: request.endMs - request.startMs,
      hops: HOPS.map((_, index) => marks[index + 1]! - marks[index]!),
    });
  }
  return { sales, incomplete };
}

export interface HopRow {
  readonly hop: string;
  /** Mean milliseconds in all sales, and in the slowest ones. */
  readonly allMs: number;
  readonly slowestMs: number;
}

/** The mean of each hop, in all sales and in the slowest part of them, at least one. */
export function compareSlowest(sales: readonly SaleHops[], part: number): HopRow[] {
  const slowest = sales
    .toSorted((a, b) => b.totalMs - a.totalMs)
    .slice(0, Math.max(1, Math.round(sales.length * part)));
  const mean = (some: readonly SaleHops[], of: (sale: SaleHops) => number) =>
    some.reduce((sum, sale) => sum + of(sale), 0) / Math.max(1, some.length);
  const row = (hop: string, of: (sale: SaleHops) => number): HopRow => ({
    hop,
    allMs: mean(sales, of),
    slowestMs: mean(slowest, of),
  });
  return [
    row('request to answer', ({ totalMs }) => totalMs),
    ...HOPS.map((hop, index) => row(hop, ({ hops }) => hops[index]!)),
  ];
}
