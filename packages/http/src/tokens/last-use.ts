/** Remembers when tokens were used and writes it down now and then, all together. */
export class LastUse implements AsyncDisposable {
  readonly #record: (uses: ReadonlyMap<number, number>) => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #uses = new Map<number, number>();

  constructor(options: {
    record(uses: ReadonlyMap<number, number>): Promise<void>;
    onError(error: unknown): void;
    everyMs: number;
  }) {
    this.#record = options.record;
    this.#timer = setInterval(() => void this.flush().catch(options.onError), options.everyMs).unref();
  }

  touch(tokenId: number, nowMs: number): void {
    this.#uses.set(tokenId, nowMs);
  }

  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = this.#uses;
    this.#uses = new Map();
    await this.#record(uses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush().catch(() => {}); // a last use that is not written down is no reason to stay
  }
}
