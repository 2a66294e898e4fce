import type { LineLog } from './line-log.ts';

/** A refused request, for security.log. */
export interface Refused extends Record<string, unknown> {
  /** Kind of the refusal, for example UNAUTHENTICATED. */
  readonly event: string;
  readonly address: string;
}

/** Lines that one address gets in a window for one kind of refusal. */
const LINES_PER_ADDRESS = 5;
/** Lines of a window in all: at 250 bytes each 15 MB an hour, whatever arrives. */
const LINES = 1_000;
/** Addresses counted in a window for one kind; requests of further ones count in the sum only. */
const ADDRESSES = 1_000;
const ADDRESSES_NAMED = 10;
const WINDOW_MS = 60_000;

interface Counts {
  unwritten: number;
  /** Refusals by address. */
  readonly byAddress: Map<string, number>;
}

/**
 * Writes refusals that anybody can cause: the first of each address in full, and at the end of each minute one line per
 * kind that counts the rest. A flood of requests then cannot fill the disk or push other lines out of the rotation.
 */
export class RefusalLog implements Disposable {
  readonly #log: Pick<LineLog, 'write'>;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #kinds = new Map<string, Counts>();
  #lines = 0;

  constructor(log: Pick<LineLog, 'write'>, now: () => number) {
    this.#log = log;
    this.#now = now;
    this.#timer = setInterval(() => this.endWindow(), WINDOW_MS).unref();
  }

  write(fields: Refused): void {
    const { event, address } = fields;
    const counts = this.#kinds.get(event) ?? { unwritten: 0, byAddress: new Map() };
    this.#kinds.set(event, counts);
    const before = counts.byAddress.get(address) ?? 0;
    if (before > 0 || counts.byAddress.size < ADDRESSES) counts.byAddress.set(address, before + 1);
    if (before < LINES_PER_ADDRESS && this.#lines < LINES) {
      this.#lines++;
      this.#log.write(this.#now(), fields);
    } else counts.unwritten++;
  }

  /** Writes the sums, and begins the next window. */
  endWindow(): void {
    const kinds = this.#kinds;
    this.#kinds = new Map();
    this.#lines = 0;
    for (const [event, { unwritten, byAddress }] of kinds) {
      if (unwritten === 0) continue;
      const most = [...byAddress].toSorted(([, a], [, b]) => b - a).slice(0, ADDRESSES_NAMED);
      this.#log.write(this.#now(), {
        event,
        unwritten,
        window_s: WINDOW_MS / 1_000,
        addresses: byAddress.size,
        most: Object.fromEntries(most),
      });
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.endWindow();
  }
}
