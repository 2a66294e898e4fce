import type { Subjects, TransactionType, TransactionView } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import type { Logger } from '@b2b-charge/runtime';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { FeedEvent } from './feed-event.ts';
import { Looker, type LookerOptions } from './looker.ts';

interface FeedOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
}

interface Look extends Omit<LookerOptions, 'onEnd'> {
  /** The last outcome that was seen; null: what comes from now on. */
  readonly afterId: string | null;
  /** What the books have after it that is not at hand here, oldest first; null if not even they tell. */
  readonly missed: readonly TransactionView[] | null;
}

export interface FeedFilter {
  readonly vendorId: number | undefined;
  readonly type: TransactionType | undefined;
}

/** Outcomes that are kept for whoever comes back after a moment. */
const KEPT = 500;
const MAX_LOOKERS = 50;
/** Kept for so long after the last looker left. */
const LINGER_MS = 60_000;
const TICK_MS = 1_000;

/**
 * The ledger's outcomes as they come, for people to look at. One subscription serves all who look, and there is none
 * while nobody does. It listens and does not consume: what it misses it says, and the books have it (docs/adr/0012).
 */
export class Feed implements Disposable {
  readonly #options: FeedOptions;
  readonly #lookers = new Set<Looker>();
  #kept: FeedEvent[] = [];
  #subscription: Subscription | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #lingering: NodeJS.Timeout | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** How many look. */
  get size(): number {
    return this.#lookers.size;
  }

  /** Whether what came after an outcome is still at hand. */
  keeps(id: string): boolean {
    return this.#kept.some((event) => event.id === id);
  }

  /** Begins to keep what comes, for whoever will look in a moment. Throws Refusal: OVERLOADED when too many look. */
  listen(): void {
    if (this.#lookers.size >= MAX_LOOKERS) throw new Refusal('OVERLOADED');
    this.#subscribe();
    if (this.#lookers.size === 0) this.#linger();
  }

  /** What comes from now on, as server-sent events; first what came meanwhile. Throws Refusal: OVERLOADED. */
  look({ afterId, missed, ...options }: Look): ReadableStream<Uint8Array> {
    this.listen();
    if (this.#lingering) clearTimeout(this.#lingering);
    this.#lingering = null;
    const looker = new Looker({ ...options, onEnd: () => this.#leave(looker) });
    this.#lookers.add(looker);
    if (missed === null) looker.gap();
    for (const transaction of missed ?? []) looker.show(transaction);
    if (afterId !== null) for (const event of this.#after(afterId)) looker.offer(event);
    return looker.stream;
  }

  /** Some outcomes may have passed unheard. */
  missed(): void {
    this.#kept = [];
    for (const looker of this.#lookers) looker.gap();
  }

  [Symbol.dispose](): void {
    for (const looker of this.#lookers) looker.end();
    this.#silence();
  }

  /** Ids sort by time: that helps when the outcome itself is not at hand. */
  #after(id: string): FeedEvent[] {
    const place = this.#kept.findIndex((event) => event.id === id);
    if (place >= 0) return this.#kept.slice(place + 1);
    return this.#kept.filter((event) => event.id > id);
  }

  #subscribe(): void {
    if (this.#subscription) return;
    const { nc, subjects, log } = this.#options;
    this.#subscription = nc.subscribe(subjects.event('*', '*'), {
      callback: (error, message) => {
        if (error) log.warn({ err: error }, 'the live feed hears nothing');
        else this.#hear(message);
      },
    });
    this.#ticker = setInterval(() => {
      for (const looker of this.#lookers) looker.tick();
    }, TICK_MS);
  }

  #hear(message: Msg): void {
    const event = new FeedEvent(message);
    this.#kept.push(event);
    // Cut now and then, not with every one.
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    for (const looker of this.#lookers) looker.offer(event);
  }

  #leave(looker: Looker): void {
    this.#lookers.delete(looker);
    if (this.#lookers.size === 0 && this.#subscription) this.#linger();
  }

  #linger(): void {
    if (this.#lingering) clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => this.#silence(), LINGER_MS);
    this.#lingering.unref();
  }

  #silence(): void {
    if (this.#lingering) clearTimeout(this.#lingering);
    if (this.#ticker) clearInterval(this.#ticker);
    this.#subscription?.unsubscribe();
    [this.#lingering, this.#ticker, this.#subscription, this.#kept] = [null, null, null, []];
  }
}
