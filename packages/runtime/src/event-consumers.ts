import {
  type EventConsumer,
  eventConsumersOf,
  type InternalSystem,
  type Subjects,
  systemConsumers,
} from '@b2b-charge/contracts';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

/** Where a new durable begins; one that exists goes on where it stands. */
export type StartFrom = 'first' | 'new' | { readonly sequence: number } | { readonly time: Date };

const CONSUMER_NOT_FOUND = 10_014;
/** Events handed out and not yet acknowledged. */
const MAX_IN_FLIGHT = 64;
/** What a reader that died had in hand comes again after this time. */
const ACK_WAIT_MS = 10_000;

interface Wishes extends EventConsumer {
  readonly from?: StartFrom | undefined;
  readonly ackWaitMs?: number;
}

/** Makes a durable consumer of the events, or brings the one that exists to these bounds; its position stays. Idempotent. */
export async function ensureEventConsumer(
  manager: JetStreamManager,
  stream: string,
  { durable, filter, from, maxInFlight = MAX_IN_FLIGHT, ackWaitMs = ACK_WAIT_MS }: Wishes,
): Promise<ConsumerInfo> {
  const bounds = { filter_subject: filter, max_ack_pending: maxInFlight, ack_wait: nanos(ackWaitMs) };
  const known = await manager.consumers.info(stream, durable).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return null;
    throw error;
  });
  if (known) {
    const same = Object.entries(bounds).every(
      ([name, value]) => known.config[name as keyof ConsumerConfig] === value,
    );
    return same ? known : manager.consumers.update(stream, durable, bounds);
  }
  return manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    ...startOf(from),
    ...bounds,
  });
}

function startOf(from: StartFrom = 'first'): Partial<ConsumerConfig> {
  if (from === 'first') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if ('sequence' in from) {
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.sequence };
  }
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.time.toISOString() };
}

/** `<system>_<vendor>`, with `_replay` for reading again. Services' consumers have no underscore. */
const OF_A_SYSTEM = /^[a-z0-9-]+_(\d+|all)(_replay)?$/;

/**
 * Makes the consumers by which the systems follow, and deletes those of systems and vendors that are no longer among them.
 * As the operator. Returns what was done, a line each.
 */
export async function matchSystemConsumers(
  nc: NatsConnection,
  subjects: Subjects,
  systems: readonly InternalSystem[],
): Promise<string[]> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const { events } = subjects.streams;
  const known = new Set<string>();
  for await (const { name } of manager.consumers.list(events)) known.add(name);
  const wanted = systems.flatMap((system) => systemConsumers(system, subjects));
  const missing = wanted.filter(({ durable }) => !known.has(durable));
  for (const consumer of missing) await ensureEventConsumer(manager, events, consumer);
  const kept = new Set(wanted.flatMap(({ durable }) => [durable, `${durable}_replay`]));
  const gone = [...known].filter((name) => OF_A_SYSTEM.test(name) && !kept.has(name));
  for (const name of gone) await manager.consumers.delete(events, name);
  return [
    ...missing.map(({ durable }) => `consumer ${durable}: made`),
    ...gone.map((name) => `consumer ${name}: deleted`),
  ];
}

/** Makes the consumer by which a system reads a vendor's events again, anew from a point. As the operator. Returns its name. */
export async function startReplay(
  nc: NatsConnection,
  subjects: Subjects,
  { system, vendor, from }: { system: InternalSystem; vendor: number | 'all'; from: StartFrom },
): Promise<string> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const { events } = subjects.streams;
  const [following, durable] = eventConsumersOf(system.name, vendor);
  const { filter } = systemConsumers(system, subjects).find((one) => one.durable === following)!;
  await manager.consumers.delete(events, durable).catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_NOT_FOUND) throw error;
  });
  await ensureEventConsumer(manager, events, { durable, filter, from });
  return durable;
}
