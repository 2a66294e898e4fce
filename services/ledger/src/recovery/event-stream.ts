import { jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ANSWER_MS, askAgain } from '../log/ask-again.ts';

/** LEDGER_EVENTS, read message by message: a consumer would need rights over others'. */
export interface EventStream {
  state(): Promise<StreamSpan>;
  /** Null if the stream does not have that number, or not any more. */
  message(seq: number): Promise<StoredMsg | null>;
}

/** As the server has it: of an emptied stream the first number is the next one's. */
interface StreamSpan {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly messages: number;
}

export async function openEventStream(nc: NatsConnection, stream: string): Promise<EventStream> {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
  return {
    state: async () => (await askAgain(() => manager.streams.info(stream))).state,
    message: (seq) => askAgain(() => manager.streams.getMessage(stream, { seq })),
  };
}
