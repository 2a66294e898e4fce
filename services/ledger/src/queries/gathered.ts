/**
 * One question for all who wait for its answer. Whoever comes while it is under way waits for the next one: an answer to a
 * question that was put before they came could be older than what they know.
 */
export class Gathered<T> {
  readonly #put: () => Promise<T>;
  #underWay: Promise<unknown> | null = null;
  #next: Promise<T> | null = null;

  constructor(put: () => Promise<T>) {
    this.#put = put;
  }

  /** Rejects as the question does. */
  ask(): Promise<T> {
    this.#next ??= this.#putNext();
    return this.#next;
  }

  async #putNext(): Promise<T> {
    await this.#underWay;
    this.#next = null;
    const answer = this.#put();
    // Whoever waits for it to be over does not mind how it ends.
    this.#underWay = answer.catch(() => {});
    return answer;
  }
}
