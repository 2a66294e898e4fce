import type { Subjects } from '@b2b-charge/contracts';
import { keepsLogsEqual, type Logger } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { askAgain } from './ask-again.ts';

interface Parts {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Says so when the log has several copies on servers that may not keep them the same. */
export async function warnOfOldCluster({ nc, subjects, logger }: Parts): Promise<void> {
  const version = nc.info?.version ?? '';
  if (keepsLogsEqual(version)) return;
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const { config } = await askAgain(() => manager.streams.info(subjects.streams.commands));
  if (config.num_replicas > 1)
    logger.warn(
      { version, replicas: config.num_replicas },
      'nats-server is too old for a cluster: after a partition its servers hold different logs',
    );
}
