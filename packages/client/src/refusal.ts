import { readPubAck } from '@b2b-charge/runtime';
import type { Msg } from '@nats-io/transport-node';
import { NotAcceptedError } from './errors.ts';

const NO_RESPONDERS = 503;
/** JetStream's answers to a publish that found no room: store full by bytes, by messages, or by account. */
const FULL = /maximum (bytes|messages)|resource|storage/i;

/** "stored" for a PubAck of the stream, the error for a refusal, null for what is neither and so counts for nothing. */
export function answerIn(message: Msg, stream: string): 'stored' | NotAcceptedError | null {
  if (message.headers?.code === NO_RESPONDERS) {
    return new NotAcceptedError('LOG_UNAVAILABLE', 'the command log does not answer');
  }
  const read = readPubAck(message.string(), stream);
  if (read === null || read === 'stored') return read;
  return new NotAcceptedError(FULL.test(read.refused) ? 'LOG_FULL' : 'LOG_UNAVAILABLE', read.refused);
}
