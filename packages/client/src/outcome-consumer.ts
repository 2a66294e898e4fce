import type { Subjects, VendorId } from '@b2b-charge/contracts';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

/** Where a new durable begins; one that exists goes on where it stands. */
export type StartFrom = 'first' | 'new' | { readonly sequence: number } | { readonly time: Date };

export interface OutcomeFilter {
  /** All vendors unless told. */
  readonly vendorIds?: readonly (VendorId | number)[];
  /** Of events, e.g. "charge-posted"; all unless told. */
  readonly types?: readonly string[];
}

export interface ConsumerOptions extends OutcomeFilter {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  /** Name of the position on the server; letters, digits, dashes. */
  readonly durable: string;
  readonly from?: StartFrom;
  /** Events handed out and not yet acknowledged. */
  readonly maxInFlight: number;
  /** What a reader that died has in hand comes again after this time. */
  readonly ackWaitMs: number;
}

/** Makes the durable consumer, or brings the one that exists to these filters and bounds; its position stays. */
export async function ensureConsumer(
  manager: JetStreamManager,
  options: ConsumerOptions,
): Promise<ConsumerInfo> {
  const { subjects, durable } = options;
  const stream = subjects.streams.events;
  const wanted = { ...filterOf(options), max_ack_pending: options.maxInFlight };
  const ackWait = nanos(options.ackWaitMs);
  const known = await manager.consumers.info(stream, durable).catch((error: Error & { code?: number }) => {
    if (/not found/i.test(error.message)) return null;
    throw error;
  });
  if (!known) {
    return manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ackWait,
      ...startOf(options.from),
      ...(wanted as { filter_subject: string }),
    });
  }
  const changes = Object.entries({ ...wanted, ack_wait: ackWait }).filter(
    ([name, value]) => JSON.stringify(known.config[name as keyof ConsumerConfig]) !== JSON.stringify(value),
  );
  if (changes.length === 0) return known;
  return manager.consumers.update(stream, durable, Object.fromEntries(changes) as Partial<ConsumerConfig>);
}

/** Several subjects in one consumer need nats-server 2.10; before, the smallest filter over all of them. */
function filterOf({ nc, subjects, vendorIds, types }: ConsumerOptions) {
  const vendors = vendorIds?.length ? [...new Set(vendorIds)] : (['*'] as const);
  const kinds = types?.length ? [...new Set(types)] : ['*'];
  const all = vendors.flatMap((vendor) => kinds.map((kind) => subjects.event(vendor, kind)));
  if (all.length === 1) return { filter_subject: all[0], filter_subjects: undefined };
  if (isAtLeast210(nc.info?.version ?? '')) return { filter_subject: undefined, filter_subjects: all };
  const [vendor, kind] = [vendors.length === 1 ? vendors[0]! : '*', kinds.length === 1 ? kinds[0]! : '*'];
  return { filter_subject: subjects.event(vendor, kind), filter_subjects: undefined };
}

function isAtLeast210(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 10);
}

function startOf(from: StartFrom = 'first'): Partial<ConsumerConfig> {
  if (from === 'first') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if ('sequence' in from) {
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
  }
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.time.toISOString() };
}
