/** Runs tasks beside their caller, at most so many at once; whoever brings one more waits for the oldest. */
export class InTurn {
  readonly #atOnce: number;
  readonly #running: Promise<void>[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Throws what a task before this one threw. */
  async run(task: () => Promise<void>): Promise<void> {
    if (this.#running.length >= this.#atOnce) await this.#running.shift();
    const running = task();
    // It is awaited in its turn; a failure before that must not count as unhandled.
    running.catch(() => {});
    this.#running.push(running);
  }

  async end(): Promise<void> {
    while (this.#running.length > 0) await this.#running.shift();
  }
}
