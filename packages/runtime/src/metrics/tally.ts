import type { Registry } from 'prom-client';
import { readCounter } from './registry.ts';

/** A counter with one label for the hot path: a look into a map, no label objects. The names must be few and fixed. */
export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(registry: Registry, { name, help, label }: { name: string; help: string; label: string }) {
    readCounter(registry, { name, help, labelNames: [label] }, () =>
      Array.from(this.#counts, ([value, count]) => [{ [label]: value }, count] as const),
    );
  }

  count(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }
}
