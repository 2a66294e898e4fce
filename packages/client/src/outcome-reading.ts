import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { onConnectionEvent } from './connection-events.ts';

interface ReadingOptions {
  readonly nc: NatsConnection;
  readonly messages: ConsumerMessages;
  /** How often the server is told that what is in hand is being worked on. */
  readonly keepEveryMs: number;
  /** Counts what the consumer has handed out and nobody acknowledged; null: do not mind. */
  readonly unacknowledged: { readonly atOpen: number; now(): Promise<number> } | null;
  /** In the order of the stream. Acknowledged when it resolves; its rejection ends the reading. */
  readonly onBatch: (messages: readonly JsMsg[]) => Promise<void>;
}

const COUNT_EVERY_MS = 250;

/**
 * One reading of a consumer, until trouble. If a predecessor left something unacknowledged, nothing is handled before
 * all of it has come again: it would come behind newer events else. How much may be in hand bounds what is held.
 */
export class OutcomeReading {
  readonly #options: ReadingOptions;
  /** By sequence: a message that comes again while in hand is not handled twice. */
  readonly #inHand = new Map<number, JsMsg>();
  #waiting: JsMsg[] = [];
  #settled: boolean;
  #closed = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#settled = (options.unacknowledged?.atOpen ?? 0) === 0;
  }

  /** Resolves when the reading is over; rejects with what a batch threw. */
  async run(signal: AbortSignal): Promise<void> {
    const { nc, messages, keepEveryMs } = this.#options;
    const close = () => this.#close();
    signal.addEventListener('abort', close);
    const keeper = setInterval(() => this.#keep(), keepEveryMs);
    const receiving = this.#receive();
    void this.#watchConsumer();
    // What was on its way when the connection broke is lost, and would come again behind newer events.
    const unwatch = onConnectionEvent(nc, (type) => {
      if (type === 'disconnect' || type === 'reconnect') this.#close();
    });
    try {
      if (signal.aborted) return;
      const settling = this.#settle();
      settling.catch(() => {});
      await Promise.race([settling, receiving]);
      await this.#handle();
    } finally {
      unwatch();
      clearInterval(keeper);
      signal.removeEventListener('abort', close);
      this.#close();
      await messages.close().catch(() => {});
      await receiving.catch(() => {});
      // So that the next reading gets them at once.
      for (const message of this.#inHand.values()) message.nak();
    }
  }

  async #receive(): Promise<void> {
    for await (const message of this.#options.messages) {
      const known = this.#inHand.has(message.seq);
      this.#inHand.set(message.seq, message);
      if (!known) this.#waiting.push(message);
      this.#changed.resolve();
    }
    this.#close();
  }

  /** Waits until everything that is unacknowledged is in our hand. */
  async #settle(): Promise<void> {
    while (!this.#settled && !this.#closed) {
      // Taken before the question: what arrives meanwhile must not stand for what is still missing.
      const inHand = this.#inHand.size;
      if ((await this.#options.unacknowledged!.now()) <= inHand) this.#settled = true;
      else await new Promise((resolve) => setTimeout(resolve, COUNT_EVERY_MS));
    }
  }

  async #handle(): Promise<void> {
    while (!this.#closed) {
      const batch = this.#waiting.sort((one, other) => one.seq - other.seq);
      this.#waiting = [];
      if (batch.length === 0) {
        await this.#changed.promise;
        this.#changed = Promise.withResolvers();
        continue;
      }
      await this.#options.onBatch(batch);
      for (const { seq } of batch) {
        this.#inHand.get(seq)?.ack();
        this.#inHand.delete(seq);
      }
    }
  }

  #keep(): void {
    for (const message of this.#inHand.values()) message.working();
  }

  #close(): void {
    this.#closed = true;
    this.#changed.resolve();
    void this.#options.messages.close().catch(() => {});
  }

  /** Two heartbeats missed, or the consumer is gone. */
  async #watchConsumer(): Promise<void> {
    for await (const { type } of this.#options.messages.status()) {
      const over =
        type === 'heartbeats_missed' ||
        type === 'consumer_not_found' ||
        type === 'consumer_deleted' ||
        type === 'stream_not_found';
      if (over) return this.#close();
    }
  }
}
