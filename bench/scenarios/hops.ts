import { freePort } from '@b2b-charge/stack';
import { type ReceivedSpan, startReceiver } from '../../tests/observability/trace-receiver.ts';
import type { Figure } from '../harness/figure.ts';
import { figureOf, measure } from '../harness/measure.ts';
import { compareSlowest, hopsOf } from '../hops/hops.ts';
import type { Scenario, Scope } from './scope.ts';

const RATES_PER_S = [500, 1_000];
const CONNECTIONS = 1_024;
const MEASURE_MS = 20_000;
/** Beyond it the services' queues drop spans. */
const TRACES_PER_S = 100;
const SLOWEST = 0.02;

/** Where do the slowest sales wait? The services' own traces of a part of all sales, hop by hop. */
export const hops: Scenario = {
  name: 'hops',
  about: 'a trace of single sales at 500/s and 1,000/s: each hop, in all sales and in the slowest 2 %',
  extra: 'named',
  async run(scope) {
    await scope.services.want({ ledgers: 0, gateways: 0 });
    const figures: Figure[] = [];
    for (const rate of RATES_PER_S) figures.push(await traceAt(scope, rate));
    return figures;
  },
};

async function traceAt({ stage, httpPlan, prefix, warmUp, progress }: Scope, rate: number): Promise<Figure> {
  const spans: ReceivedSpan[] = [];
  let fromMs = Number.POSITIVE_INFINITY;
  await using receiver = await startReceiver(await freePort(), (some) => {
    for (const span of some) if (span.startMs >= fromMs) spans.push(span);
  });
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_TRACES_SAMPLER_ARG: String(TRACES_PER_S / rate),
  };
  const ledger = await stage.fleet.add('ledger', environment);
  const gateway = await stage.fleet.add('gateway', environment);
  const ports = [Number(new URL(gateway.url).port)];
  await warmUp(ports);
  fromMs = Date.now();
  const name = `hops-${rate}`;
  const varied = { ports, rate, connections: CONNECTIONS, measureMs: MEASURE_MS };
  const measured = await measure(stage, httpPlan(prefix(name), varied));
  // They send what they still hold when they stop.
  await gateway.process.stop();
  await ledger.process.stop();
  const { sales, incomplete } = hopsOf(spans);
  if (sales.length === 0) throw new Error(`no whole trace among ${spans.length} spans`);
  const rows = compareSlowest(sales, SLOWEST);
  for (const { hop, allMs, slowestMs } of rows)
    progress(`  ${hop.padEnd(32)} ${allMs.toFixed(2).padStart(7)} ms ${slowestMs.toFixed(2).padStart(7)} ms`);
  const title = `${rate.toLocaleString('en')} sales a second, ${sales.length} traced`;
  const figure = figureOf({ scenario: name, group: 'hops', title }, measured);
  const note = rows.map(
    ({ hop, allMs, slowestMs }) => `${hop} ${allMs.toFixed(1)} → ${slowestMs.toFixed(1)}`,
  );
  const lost = incomplete > 0 ? [`${incomplete} traces lost a span`] : [];
  return { ...figure, offeredPerS: rate, notes: [...figure.notes, ...note, ...lost] };
}
