import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';

interface Parts {
  readonly nc: NatsConnection;
  readonly logger: Pick<Logger, 'warn'>;
  /** Between two looks while the connection stays: a stream may be lost without it. */
  readonly lookEveryMs: number;
}

/**
 * Closed at first, and when the connection breaks, until somebody has looked at the stream: the ledger alone publishes
 * events, so what it sees before it publishes is what the server came back with. A look that fails opens, too: events must
 * not wait for a right that the server's users do not have yet.
 */
export class EventsGate implements Disposable {
  readonly #parts: Parts;
  #look: () => Promise<unknown> = async () => {};
  readonly #stopping = new AbortController();
  #isOpen = false;
  #failed = false;
  /** Of the connection that is being looked at. */
  #round = 0;
  #opened: (() => void)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Opens when `look` has seen that the stream is fit to be published to, or made it so. It must end within seconds. */
  begin(look: () => Promise<unknown>): void {
    this.#look = look;
    void this.#follow();
    void this.#open();
    void this.#lookNowAndThen();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  onOpen(opened: () => void): void {
    this.#opened.push(opened);
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#parts.nc.status()) {
      if (type === 'disconnect') this.#isOpen = false;
      if (type === 'reconnect') void this.#open();
    }
  }

  async #open(): Promise<void> {
    const round = ++this.#round;
    await this.#lookOnce();
    if (round !== this.#round) return;
    this.#isOpen = true;
    for (const opened of this.#opened) opened();
  }

  async #lookNowAndThen(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(this.#parts.lookEveryMs, undefined, { signal }).catch(() => {});
      if (this.#isOpen && !signal.aborted) await this.#lookOnce();
    }
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.#look();
      this.#failed = false;
    } catch (error) {
      const { nc, logger } = this.#parts;
      if (!this.#failed && !nc.isClosed())
        logger.warn(
          { err: error },
          'could not look whether the stream of events lost anything; trying again',
        );
      this.#failed = true;
    }
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
    this.#opened = [];
  }
}
