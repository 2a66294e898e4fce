import type { Registry } from 'prom-client';
import { readCounter } from './registry.ts';

interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly known?: readonly string[];
}

/** A counter with one label for the hot path: a look into a map, no label objects. The names must be few and fixed. */
export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(registry: Registry, { name, help, label, known = [] }: TallyOptions) {
    // From zero on, so that the first one of a kind is an increase.
    for (const value of known) this.#counts.set(value, 0);
    readCounter(registry, { name, help, labelNames: [label] }, () =>
      Array.from(this.#counts, ([value, count]) => [{ [label]: value }, count] as const),
    );
  }

  count(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }
}
