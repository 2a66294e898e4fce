import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const NEXT_WITHIN_MS = 20_000;

export async function lastSeqOf(nc: NatsConnection, stream: string): Promise<number> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  return (await manager.streams.info(stream)).state.last_seq;
}

/** Hands out every message of a stream up to its present end. Returns the last sequence. */
export async function readStream(
  nc: NatsConnection,
  stream: string,
  take: (message: JsMsg) => void,
): Promise<number> {
  const end = await lastSeqOf(nc, stream);
  if (end === 0) return 0;
  const consumer = await jetstream(nc, { checkAPI: false }).consumers.get(stream, { opt_start_seq: 1 });
  const messages = await consumer.consume({ max_messages: 1_000, idle_heartbeat: 5_000 });
  const stuck = setTimeout(() => messages.stop(new Error(`${stream} does not deliver`)), NEXT_WITHIN_MS);
  try {
    for await (const message of messages) {
      stuck.refresh();
      take(message);
      if (message.seq >= end) break;
    }
  } finally {
    clearTimeout(stuck);
    void messages.close().catch(() => {});
  }
  return end;
}
