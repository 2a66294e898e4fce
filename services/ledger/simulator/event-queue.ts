import type { Machine } from './world.ts';

export interface WorldEvent {
  readonly atMs: number;
  readonly run: () => void;
  readonly machine: Machine | null;
}

interface Place extends WorldEvent {
  /** Of two events at the same time the one that was pushed first comes first. */
  readonly order: number;
}

const before = (a: Place, b: Place): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap of events by time. */
export class EventQueue {
  readonly #heap: Place[] = [];
  #order = 0;

  push({ atMs, run, machine }: WorldEvent): void {
    const heap = this.#heap;
    const place: Place = { atMs, run, machine, order: this.#order++ };
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(place, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = place;
  }

  pop(): WorldEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last) this.#sink(last);
    return top;
  }

  #sink(place: Place): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, place)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = place;
  }
}
