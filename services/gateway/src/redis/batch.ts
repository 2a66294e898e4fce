interface Waiting<O> {
  resolve(output: O): void;
  reject(error: unknown): void;
}

interface BatchOptions<I, O> {
  /** One output per input, in order. */
  run(inputs: readonly I[]): Promise<readonly O[]>;
  /** Inputs that one command takes. */
  readonly max: number;
  /**
   * How long the first input waits for others; 0 for what else this turn of the event loop brings, and for what comes
   * while the last command is under way: alone nobody waits, in a crowd many share one command.
   */
  readonly delayMs: number;
}

/**
 * Joins what many requests ask of Redis at about the same time into one command. A command by itself costs the client
 * several times what an item in a batch does.
 */
export class Batch<I, O> {
  readonly #options: BatchOptions<I, O>;
  #inputs: I[] = [];
  #waiting: Waiting<O>[] = [];
  #underWay = 0;

  constructor(options: BatchOptions<I, O>) {
    this.#options = options;
  }

  add(input: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#inputs.push(input);
      this.#waiting.push({ resolve, reject });
      if (this.#inputs.length >= this.#options.max) this.flush();
      else if (this.#inputs.length === 1 && !this.#gathers()) this.#schedule();
    });
  }

  #schedule(): void {
    const { delayMs } = this.#options;
    if (delayMs === 0) setImmediate(() => this.flush());
    else setTimeout(() => this.flush(), delayMs);
  }

  #gathers(): boolean {
    return this.#options.delayMs === 0 && this.#underWay > 0;
  }

  /** Sends what waits, now: what is sent to Redis after it finds it there. */
  flush(): void {
    if (this.#inputs.length === 0) return; // was full before its time
    const inputs = this.#inputs;
    const waiting = this.#waiting;
    this.#inputs = [];
    this.#waiting = [];
    this.#underWay++;
    this.#options
      .run(inputs)
      .then(
        (outputs) => waiting.forEach(({ resolve }, index) => void resolve(outputs[index]!)),
        (error) => waiting.forEach(({ reject }) => void reject(error)),
      )
      .finally(() => {
        this.#underWay--;
        if (this.#options.delayMs === 0) this.flush();
      });
  }
}
