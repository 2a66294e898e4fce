import type { Msg } from '@nats-io/transport-node';
import { NotAcceptedError } from './errors.ts';

const NO_RESPONDERS = 503;
/** JetStream's answers to a publish that found no room: store full by bytes, by messages, or by account. */
const FULL = /maximum (bytes|messages)|resource|storage/i;

/** Null for a PubAck; the error for a refusal. */
export function refusalOf(message: Msg): NotAcceptedError | null {
  if (message.headers?.code === NO_RESPONDERS || message.data.length === 0) {
    return new NotAcceptedError('LOG_UNAVAILABLE', 'the command log does not answer');
  }
  const text = message.string();
  if (!text.includes('"error"')) return null;
  const { error } = JSON.parse(text) as { error?: { description?: string } };
  const description = error?.description ?? 'refused';
  return new NotAcceptedError(FULL.test(description) ? 'LOG_FULL' : 'LOG_UNAVAILABLE', description);
}
