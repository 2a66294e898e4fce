import { parseArgs } from 'node:util';
import { type ReceivedSpan, startReceiver } from './trace/receiver.ts';
import { traceTree } from './trace/tree.ts';

/** A collector for the eye: prints each trace as a tree once nothing more of it has come for a while. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '4318' }, quiet: { type: 'string', default: '2500' } },
});
/** Traces in hand; beyond that the oldest is printed as it is. */
const MAX_TRACES = 1_000;
const traces = new Map<string, { spans: ReceivedSpan[]; timer: NodeJS.Timeout }>();

function print(traceId: string): void {
  const trace = traces.get(traceId);
  if (!trace) return;
  clearTimeout(trace.timer);
  traces.delete(traceId);
  console.log(`\ntrace ${traceId}\n${traceTree(trace.spans)}`);
}

const receiver = await startReceiver(Number(values.port), (spans) => {
  for (const span of spans) {
    const known = traces.get(span.traceId);
    if (known) {
      known.spans.push(span);
      known.timer.refresh();
    } else {
      if (traces.size >= MAX_TRACES) print(traces.keys().next().value!);
      const timer = setTimeout(() => print(span.traceId), Number(values.quiet));
      traces.set(span.traceId, { spans: [span], timer });
    }
  }
});
console.log(`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const traceId of [...traces.keys()]) print(traceId);
    void receiver[Symbol.asyncDispose]();
  });
}
