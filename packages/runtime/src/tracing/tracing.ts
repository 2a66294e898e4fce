import type { Attributes, Span, SpanContext } from '@opentelemetry/api';
import { parseTraceparent, traceparentOf } from './traceparent.ts';

/** Spans that wait to be sent; beyond that new ones are dropped. */
const MAX_QUEUE = 4_096;
const EXPORT_EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;
/** What a stopping process gives a collector that does not answer. */
const SHUTDOWN_MS = 2_000;

const MAX_DRIFT_MS = 2;
let startedAtMs = Date.now() - performance.now();

/** Milliseconds since 1970 with their fractions: spans are often shorter than one. Follows the wall clock when that is set. */
function preciseNow(): number {
  const wall = Date.now();
  if (Math.abs(wall - startedAtMs - performance.now()) > MAX_DRIFT_MS) startedAtMs = wall - performance.now();
  return startedAtMs + performance.now();
}

export interface TracingSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

/** Which side of a call a span stands for, as OpenTelemetry numbers them. */
export const SPAN_KIND = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const;

export interface SpanOptions {
  readonly kind?: (typeof SPAN_KIND)[keyof typeof SPAN_KIND];
  /** The span that this one belongs to; without one it begins a trace of its own. */
  readonly parent?: TraceSpan | string | undefined;
  /** Other spans that it has to do with. */
  readonly links?: readonly TraceSpan[];
  /** Milliseconds since 1970; now unless told. */
  readonly startMs?: number;
  readonly attributes?: Attributes;
}

/** A span under way. */
export class TraceSpan {
  readonly span: Span;
  constructor(span: Span) {
    this.span = span;
  }

  get context(): SpanContext {
    return this.span.spanContext();
  }

  /** What makes another process' span its child. */
  get traceparent(): string {
    return traceparentOf(this.context);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  fail(message: string): void {
    this.span.setStatus({ code: 2, message });
  }

  end(): void {
    this.span.end(preciseNow());
  }
}

/** Makes spans and sends them. Where nobody collects them there is none: every use asks for null first, and that is all. */
export interface Tracing extends AsyncDisposable {
  start(name: string, options?: SpanOptions): TraceSpan;
  /** Whether a new request is traced: as the caller's own trace says, else by the ratio. */
  samples(traceparent: string | string[] | undefined): boolean;
}

/** Null without an endpoint; then none of OpenTelemetry's packages is loaded. */
export async function startTracing(service: string, settings: TracingSettings): Promise<Tracing | null> {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return null;
  const [{ ROOT_CONTEXT, trace }, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all(
    [
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ],
  );
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'b2b-charge',
      'process.pid': process.pid,
    }),
    // Who is traced is decided before a span is made: an untraced request must cost nothing.
    sampler: new sdk.AlwaysOnSampler(),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({
          url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
          timeoutMillis: EXPORT_TIMEOUT_MS,
        }),
        maxQueueSize: MAX_QUEUE,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('b2b-charge');
  const ratio = settings.OTEL_TRACES_SAMPLER_ARG;
  const contextOf = (parent: TraceSpan | string | undefined) => {
    const context = parent instanceof TraceSpan ? parent.context : parent && parseTraceparent(parent);
    return context ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT;
  };
  return {
    start: (name, { kind = SPAN_KIND.internal, parent, links = [], startMs, attributes = {} } = {}) =>
      new TraceSpan(
        tracer.startSpan(
          name,
          {
            kind,
            attributes,
            links: links.map(({ context }) => ({ context })),
            startTime: startMs ?? preciseNow(),
          },
          contextOf(parent),
        ),
      ),
    samples: (traceparent) => {
      const given = typeof traceparent === 'string' ? parseTraceparent(traceparent) : null;
      return given ? (given.traceFlags & 1) === 1 : Math.random() < ratio;
    },
    [Symbol.asyncDispose]: async () => {
      const silence = new Promise((resolve) => setTimeout(resolve, SHUTDOWN_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), silence]);
    },
  };
}
