import { setTimeout as sleep } from 'node:timers/promises';
import type { Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import {
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ONCE_MORE_MS } from '../recovery/lost-events.ts';

const ANSWER_MS = 2_000;
/** Events that ledgers may have stored, after the server came back, before they looked. */
const MARGIN = 1_024;

interface Parts {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * A server that lost the end of LEDGER_EVENTS may still have the positions of durable consumers beyond it: what is stored
 * under those numbers from then on would never be sent to them (docs/adr/0020). They are made again. Returns how many.
 */
export async function setBackConsumers({ nc, subjects, logger }: Parts): Promise<number> {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
  const stream = subjects.streams.events;
  const suspects = (await findBeyond(manager, stream)).map(({ name }) => name);
  if (suspects.length === 0) return 0;
  await sleep(ONCE_MORE_MS);
  const beyond = (await findBeyond(manager, stream)).filter(({ name }) => suspects.includes(name));
  for (const { name, delivered, lastSeq, config } of beyond) {
    logger.warn(
      { consumer: name, delivered: delivered.stream_seq, last_seq: lastSeq },
      'the stream of events lost its end: a consumer that stood beyond it is set back',
    );
    await manager.consumers.delete(stream, name);
    await manager.consumers.add(stream, config);
  }
  return beyond.length;
}

/** Durable consumers beyond the end, with the configuration that each is to have. */
async function findBeyond(manager: JetStreamManager, stream: string) {
  const durables: ConsumerInfo[] = [];
  for await (const info of manager.consumers.list(stream)) if (info.config.durable_name) durables.push(info);
  // Asked for afterwards: whoever is beyond this end was sent something that is not there any more.
  const { last_seq: lastSeq } = (await manager.streams.info(stream)).state;
  return durables
    .filter(({ delivered }) => delivered.stream_seq > lastSeq)
    .map((info) => ({ ...info, lastSeq, config: fromBeforeTheEnd(info, lastSeq) }));
}

/** A little before where the stream ends now. */
function fromBeforeTheEnd({ config, ack_floor }: ConsumerInfo, lastSeq: number): ConsumerConfig {
  const { opt_start_time: _, ...kept } = config;
  const from = Math.max(1, Math.min(ack_floor.stream_seq, lastSeq - MARGIN) + 1);
  return { ...kept, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
}
