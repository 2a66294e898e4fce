import { SERVICES, type Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { type ConsumerConfig, type ConsumerInfo, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

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
  const durables: ConsumerInfo[] = [];
  for await (const info of manager.consumers.list(stream)) if (info.config.durable_name) durables.push(info);
  // Asked for afterwards: whoever is beyond this end was sent something that is not there any more.
  const { state } = await manager.streams.info(stream);
  const beyond = durables.filter(({ delivered }) => delivered.stream_seq > state.last_seq);
  for (const info of beyond) {
    const config = fromBeforeTheEnd(info, state.last_seq);
    logger.warn(
      { consumer: info.name, delivered: info.delivered.stream_seq, last_seq: state.last_seq },
      'the stream of events lost its end: a consumer that stood beyond it is set back',
    );
    await manager.consumers.delete(stream, info.name);
    await manager.consumers.add(stream, config);
  }
  return beyond.length;
}

/**
 * Where the stream ends now. But an internal system's begins where it began at first: its client may make it once more with
 * the configuration that it knows, which the server refuses if the start is another.
 */
function fromBeforeTheEnd({ name, config, ack_floor }: ConsumerInfo, lastSeq: number): ConsumerConfig {
  if (!(SERVICES as readonly string[]).includes(name)) return config;
  const { opt_start_time: _, ...kept } = config;
  const from = Math.max(1, Math.min(ack_floor.stream_seq, lastSeq - MARGIN) + 1);
  return { ...kept, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
}
