import type { Answer, Book } from '../chaos/load/book.ts';

/** How long clients wait and what fails, phase by phase. */
export class Watch {
  /** Sales that were refused, or answered what may not be answered. */
  readonly failed: string[] = [];
  #waits: number[] = [];
  #unanswered = 0;

  constructor(book: Book) {
    book.attempted = (answer, ms) => this.#note(answer, ms);
  }

  #note(answer: Answer, ms: number): void {
    this.#waits.push(ms);
    if (answer.kind === 'doubt') this.#unanswered++;
    if (answer.kind === 'nothing-done' || answer.kind === 'wrong')
      this.failed.push(`a sale failed: ${'code' in answer ? answer.code : answer.text}`);
  }

  /** The figures of what has been since the last phase. */
  phase(name: string): string {
    const waits = this.#waits.toSorted((a, b) => a - b);
    const at = (share: number) => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(0);
    const line =
      `${name}: ${waits.length} sales, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${(waits.at(-1) ?? 0).toFixed(0)} ms` +
      `, ${this.#unanswered} not answered in time`;
    this.#waits = [];
    this.#unanswered = 0;
    return line;
  }
}
