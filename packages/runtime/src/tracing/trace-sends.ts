import { parseTraceparent } from './traceparent.ts';
import { SPAN_KIND, type Tracing } from './tracing.ts';

interface Sent {
  readonly traceparent?: string | undefined;
  readonly messageId: string;
  readonly vendorId: number;
  readonly command: { readonly type: string };
}

/**
 * A span from publishing a command to its outcome; the ledger's spans are its children. A command of a traced request
 * belongs to that; one of nobody's begins a trace where that is wanted, if it is sampled.
 */
export function traceSends<S extends Sent, O extends { readonly outcome: string }>(
  tracing: Tracing | null,
  send: (options: S) => Promise<O>,
  { begins = false }: { begins?: boolean } = {},
): (options: S) => Promise<O> {
  if (!tracing) return send;
  return async (options) => {
    const { traceparent, messageId, vendorId, command } = options;
    const isTraced =
      traceparent === undefined ? begins && tracing.samples(undefined) : isSampled(traceparent);
    if (!isTraced) return send(options);
    const span = tracing.start(`send ${command.type}`, {
      kind: SPAN_KIND.producer,
      parent: traceparent,
      attributes: { 'messaging.system': 'nats', 'messaging.message.id': messageId, 'vendor.id': vendorId },
    });
    try {
      const outcome = await send({ ...options, traceparent: span.traceparent });
      span.set({ outcome: outcome.outcome });
      return outcome;
    } catch (error) {
      span.fail((error as Error).message);
      throw error;
    } finally {
      span.end();
    }
  };
}

export const isSampled = (traceparent: string): boolean =>
  ((parseTraceparent(traceparent)?.traceFlags ?? 0) & 1) === 1;
