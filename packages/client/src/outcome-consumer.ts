import type { Subjects } from '@b2b-charge/contracts';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** Where a new durable begins; one that exists goes on where it stands. */
export type StartFrom = 'first' | 'new' | { readonly sequence: number } | { readonly time: Date };

export interface ConsumerOptions {
  readonly subjects: Subjects;
  /** Name of the position on the server; its NATS user must be allowed this name with this filter. */
  readonly durable: string;
  /** Which events the server sends; all unless told. */
  readonly filter?: { readonly vendorId?: number; readonly type?: string };
  readonly from?: StartFrom;
  /** Events handed out and not yet acknowledged. */
  readonly maxInFlight: number;
  /** What a reader that died has in hand comes again after this time. */
  readonly ackWaitMs: number;
}

/** Makes the durable consumer, or brings the one that exists to this filter and these bounds; its position stays. */
export async function ensureConsumer(
  manager: JetStreamManager,
  options: ConsumerOptions,
): Promise<ConsumerInfo> {
  const { subjects, durable } = options;
  const stream = subjects.streams.events;
  const wanted = {
    filter_subject: subjectOf(options),
    max_ack_pending: options.maxInFlight,
    ack_wait: nanos(options.ackWaitMs),
  };
  const known = await manager.consumers.info(stream, durable).catch((error: Error) => {
    if (/not found/i.test(error.message)) return null;
    throw error;
  });
  if (!known) {
    return manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ...startOf(options.from),
      ...wanted,
    });
  }
  const same = Object.entries(wanted).every(
    ([name, value]) => known.config[name as keyof ConsumerConfig] === value,
  );
  return same ? known : manager.consumers.update(stream, durable, wanted);
}

function subjectOf({ subjects, filter = {} }: ConsumerOptions): string {
  const { vendorId, type } = filter;
  if (vendorId === undefined && type === undefined) return subjects.allEvents;
  return subjects.event(vendorId ?? '*', type ?? '>');
}

function startOf(from: StartFrom = 'first'): Partial<ConsumerConfig> {
  if (from === 'first') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if ('sequence' in from) {
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
  }
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.time.toISOString() };
}
