import { type Outcome, outcomeSchema, type Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

interface FollowOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  /** Must be idempotent: an event may come more than once. */
  readonly onOutcome: (outcome: Outcome) => Promise<void>;
}

const DURABLE = 'credits';
const RETRY_MS = 1_000;

/**
 * Follows the ledger's events of posted credits with a durable consumer that all replicas share: it brings the outcomes
 * whose reply was lost, or that came about without us (a dead letter re-submitted). A refused credit is rare enough to
 * wait for the sweeper. The consumer is taken anew after any trouble; left to itself it may stall after a restart.
 */
export function followCredits(options: FollowOptions): AsyncDisposable {
  const { log } = options;
  let ended = false;
  let current: ConsumerMessages | undefined;
  const ending = Promise.withResolvers<void>();
  const loop = (async () => {
    while (!ended) {
      try {
        current = await openConsumer(options);
        if (ended) break;
        await readAll(options, current);
      } catch (error) {
        log.warn({ err: error }, 'following the events of credits failed');
      }
      if (!ended) await Promise.race([ending.promise, new Promise((done) => setTimeout(done, RETRY_MS))]);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      ended = true;
      ending.resolve();
      await current?.close().catch(() => {});
      await loop;
    },
  };
}

async function openConsumer({ nc, subjects }: FollowOptions): Promise<ConsumerMessages> {
  const manager = await jetstreamManager(nc);
  await manager.consumers.add(subjects.streams.events, {
    durable_name: DURABLE,
    filter_subject: subjects.event('*', 'credit-posted'),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(30_000),
    deliver_policy: DeliverPolicy.All,
  });
  const consumer = await jetstream(nc).consumers.get(subjects.streams.events, DURABLE);
  return consumer.consume({ max_messages: 64, idle_heartbeat: 5_000, expires: 30_000 });
}

async function readAll({ log, onOutcome }: FollowOptions, messages: ConsumerMessages): Promise<void> {
  void closeWhenSilent(messages);
  for await (const message of messages) {
    const outcome = outcomeSchema.safeParse(safeJson(message.string()));
    if (outcome.success) await onOutcome(outcome.data);
    else log.error({ seq: message.seq }, 'an event that cannot be read');
    message.ack();
  }
}

/** Two heartbeats missed, or the consumer is gone: end this reading so that a new one begins. */
async function closeWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (
      status.type === 'heartbeats_missed' ||
      status.type === 'consumer_not_found' ||
      status.type === 'consumer_deleted' ||
      status.type === 'stream_not_found'
    ) {
      await messages.close().catch(() => {});
      return;
    }
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
