import type { TransactionView } from '@b2b-charge/contracts';
import type { FeedFilter } from './feed.ts';
import type { FeedEvent } from './feed-event.ts';

export interface LookerOptions {
  readonly filter: FeedFilter;
  /** A row of the page's table, in one line. */
  row(transaction: TransactionView): string;
  onEnd(): void;
}

/** More in a second nobody reads: the others are counted. */
const SHOWN_PER_S = 40;
/** What may wait for a browser that does not read; then it is let go. */
const BUFFERED = 200;
/** A stream ends after this and the browser asks anew: so a session that has ended stops seeing things. */
const LIFE_TICKS = 60;
const HEARTBEAT_TICKS = 15;
/** More than are kept, so that what comes twice is shown once. */
const REMEMBERED = 2_000;

/** One browser that looks at the feed: its filter, its pace, its bounded buffer. */
export class Looker {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #options: LookerOptions;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  readonly #seen = new Set<string>();
  #shown = 0;
  #skipped = 0;
  #ticks = 0;

  constructor(options: LookerOptions) {
    this.#options = options;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.end(),
      },
      new CountQueuingStrategy({ highWaterMark: BUFFERED }),
    );
    this.#send('retry: 2000\n\n');
  }

  offer(event: FeedEvent): void {
    const { vendorId, type } = this.#options.filter;
    if (vendorId !== undefined && event.vendorId !== vendorId) return;
    if (type !== undefined && !event.kind.startsWith(`${type}-`)) return;
    if (this.#shown >= SHOWN_PER_S) {
      this.#skipped++;
      return;
    }
    if (event.transaction && this.show(event.transaction)) this.#shown++;
  }

  /** False if it was shown before: events may come more than once. */
  show(transaction: TransactionView): boolean {
    if (this.#seen.has(transaction.transaction_id)) return false;
    this.#remember(transaction.transaction_id);
    const row = this.#options.row(transaction).replaceAll(/\s*\n\s*/g, ' ');
    this.#send(`id: ${transaction.transaction_id}\nevent: outcome\ndata: ${row}\n\n`);
    return true;
  }

  /** Once a second. */
  tick(): void {
    this.#ticks++;
    this.#shown = 0;
    if (this.#skipped > 0) this.#send(`event: skipped\ndata: ${this.#skipped}\n\n`);
    this.#skipped = 0;
    if (this.#ticks % HEARTBEAT_TICKS === 0) this.#send(': still here\n\n');
    if (this.#ticks >= LIFE_TICKS) this.end();
  }

  /** Says that some outcomes are not shown. */
  gap(): void {
    this.#send('event: gap\ndata:\n\n');
  }

  end(): void {
    const controller = this.#controller;
    if (!controller) return;
    this.#controller = null;
    try {
      controller.close();
    } catch {
      // The browser went first.
    }
    this.#options.onEnd();
  }

  #remember(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED) return;
    const [oldest] = this.#seen;
    this.#seen.delete(oldest!);
  }

  #send(text: string): void {
    const controller = this.#controller;
    if (!controller) return;
    const full = (controller.desiredSize ?? 0) <= 0;
    controller.enqueue(this.#encoder.encode(full ? 'event: slow\ndata:\n\n' : text));
    if (full) this.end();
  }
}
