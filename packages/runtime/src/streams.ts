import { type Subjects, serviceConsumers } from '@b2b-charge/contracts';
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { ensureEventConsumer } from './event-consumers.ts';

const DAY_MS = 86_400_000;

export interface StreamLimits {
  readonly replicas: number;
  /** Bytes that the command log may take before publishers are refused. */
  readonly commandsMaxBytes: number;
  readonly eventsMaxBytes: number;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  replicas: 1,
  commandsMaxBytes: 8 * 1024 ** 3,
  eventsMaxBytes: 8 * 1024 ** 3,
};

function streamConfigs(subjects: Subjects, limits: StreamLimits): Partial<StreamConfig>[] {
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: limits.replicas,
  };
  return [
    {
      ...common,
      name: subjects.streams.commands,
      subjects: [subjects.allCommands],
      // Full means "not accepted" to the publisher; nothing accepted is ever dropped. Only the audited prefix is purged.
      discard: DiscardPolicy.New,
      max_bytes: limits.commandsMaxBytes,
      max_msg_size: 64 * 1024,
      deny_delete: true,
      allow_direct: true,
      // The shortest that the server takes: JetStream's own dedup would swallow repeats that must be answered.
      duplicate_window: nanos(100),
    },
    {
      ...common,
      name: subjects.streams.events,
      subjects: [subjects.allEvents],
      discard: DiscardPolicy.Old,
      max_bytes: limits.eventsMaxBytes,
      max_age: nanos(7 * DAY_MS),
      duplicate_window: nanos(120_000),
    },
    {
      ...common,
      name: subjects.streams.deadLetters,
      subjects: [subjects.allDeadLetters],
      discard: DiscardPolicy.New,
      max_bytes: 256 * 1024 ** 2,
      max_age: nanos(90 * DAY_MS),
      duplicate_window: nanos(120_000),
    },
    {
      ...common,
      name: subjects.streams.reports,
      subjects: [subjects.auditReports],
      discard: DiscardPolicy.Old,
      max_bytes: 256 * 1024 ** 2,
      max_age: nanos(365 * DAY_MS),
    },
  ];
}

/** Servers that have just started as a cluster have no leader for a while, and then one that does not know them all. */
const TOGETHER_WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 200;
/** Of JetStream's error codes: no suitable peers, not available, not the leader. */
const NOT_TOGETHER: readonly number[] = [10_005, 10_008, 10_009];
const STREAM_NOT_FOUND = 10_059;

const isPassing = (error: unknown): boolean =>
  error instanceof JetStreamApiError ? NOT_TOGETHER.includes(error.code) : true;

async function onceTogether<T>(ask: () => Promise<T>): Promise<T> {
  for (const endAt = Date.now() + TOGETHER_WITHIN_MS; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || Date.now() > endAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}

/** Creates the streams and the services' consumers, and brings those that exist to this configuration. Idempotent. */
export async function ensureStreams(
  nc: NatsConnection,
  subjects: Subjects,
  limits: StreamLimits = DEFAULT_STREAM_LIMITS,
): Promise<void> {
  const manager = await onceTogether(() => jetstreamManager(nc));
  for (const config of streamConfigs(subjects, limits)) {
    await onceTogether(() => ensureStream(manager, config as StreamConfig & { name: string }));
  }
  for (const consumer of serviceConsumers(subjects)) {
    await onceTogether(() => ensureEventConsumer(manager, subjects.streams.events, consumer));
  }
}

async function ensureStream(
  manager: JetStreamManager,
  config: StreamConfig & { name: string },
): Promise<void> {
  const known = await manager.streams.info(config.name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
    throw error;
  });
  if (known) await manager.streams.update(config.name, config);
  else await manager.streams.add(config);
}
