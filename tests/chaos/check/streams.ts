import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const NEXT_WITHIN_MS = 20_000;
const BATCH = 1_000;

export async function lastSeqOf(nc: NatsConnection, stream: string): Promise<number> {
  const manager = await jetstreamManager(nc, { checkAPI: false });
  return (await manager.streams.info(stream)).state.last_seq;
}

/** Hands out every message of a stream up to its present end, in batches; the next one is read meanwhile. Returns the last sequence. */
export async function readStream(
  nc: NatsConnection,
  stream: string,
  take: (batch: readonly JsMsg[]) => Promise<void> | void,
): Promise<number> {
  const end = await lastSeqOf(nc, stream);
  if (end === 0) return 0;
  const consumer = await jetstream(nc, { checkAPI: false }).consumers.get(stream, { opt_start_seq: 1 });
  const messages = await consumer.consume({ max_messages: 2 * BATCH, idle_heartbeat: 5_000 });
  const stuck = setTimeout(() => messages.stop(new Error(`${stream} does not deliver`)), NEXT_WITHIN_MS);
  let batch: JsMsg[] = [];
  let taking = Promise.resolve();
  try {
    for await (const message of messages) {
      stuck.refresh();
      batch.push(message);
      const done = message.seq >= end;
      if (done || batch.length === BATCH) {
        await taking;
        taking = Promise.resolve(take(batch));
        // It is awaited in its turn; a failure before that must not count as unhandled.
        taking.catch(() => {});
        batch = [];
      }
      if (done) break;
    }
    await taking;
  } finally {
    clearTimeout(stuck);
    void messages.close().catch(() => {});
  }
  return end;
}
