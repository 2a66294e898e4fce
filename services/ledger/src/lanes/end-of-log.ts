import { messageIdIn, parseMessageId, type Subjects } from '@b2b-charge/contracts';
import { readableHeaders } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Cursor } from '../process/ports.ts';

/** The log's last message, as a cursor that stands on it. A log purged to its end still knows the number. */
export async function endOfLog(nc: NatsConnection, subjects: Subjects): Promise<Cursor> {
  const { commands } = subjects.streams;
  const manager = await jetstreamManager(nc, { checkAPI: false });
  const { state } = await manager.streams.info(commands);
  if (state.messages === 0) return { seq: state.last_seq, messageId: null, timeMs: null };
  const message = await manager.streams.getMessage(commands, { seq: state.last_seq });
  if (!message) return { seq: state.last_seq, messageId: null, timeMs: null };
  const header = readableHeaders(() => message.header);
  const messageId = parseMessageId(messageIdIn((name) => header?.get(name)));
  return { seq: state.last_seq, messageId, timeMs: message.time.getTime() };
}
