import { jetStreamOptions } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';

/** A stream with less room than this counts as full: the largest command of the contracts fits into it. */
const ROOM_BYTES = 16_384;

const infoSchema = z.union([
  z.object({ error: z.object({ description: z.string() }) }),
  z.object({
    config: z.object({ max_bytes: z.number(), max_msgs: z.number() }),
    state: z.object({ bytes: z.number(), messages: z.number() }),
  }),
]);

/** Throws an Error that says why the command stream takes no command: it is missing, full or unreachable. */
export async function checkStream(nc: NatsConnection, stream: string, timeoutMs: number): Promise<void> {
  const { apiPrefix } = jetStreamOptions(nc);
  const reply = await nc.request(`${apiPrefix}.STREAM.INFO.${stream}`, '', { timeout: timeoutMs });
  const info = infoSchema.parse(reply.json());
  if ('error' in info) throw new Error(`stream ${stream}: ${info.error.description}`);
  const { config, state } = info;
  // A limit of -1 is none.
  const full =
    (config.max_bytes > 0 && state.bytes + ROOM_BYTES > config.max_bytes) ||
    (config.max_msgs > 0 && state.messages >= config.max_msgs);
  if (full) throw new Error(`stream ${stream} is full: ${state.bytes} of ${config.max_bytes} bytes`);
}
