import type { Level } from '@b2b-charge/contracts';
import type { NewFinding } from '../domain/finding.ts';

/** Findings kept one by one; the rest are only counted. */
const KEPT = 10_000;

const COPIES: ReadonlySet<string> = new Set(['stored-balance', 'daily-counter', 'redis-copies']);

/** What a run has found so far. */
export class Findings {
  readonly kept: NewFinding[] = [];
  total = 0;
  readonly #levels = new Map<number, Exclude<Level, 'VERIFIED'>>();
  readonly #unsound = new Set<number>();

  add(found: NewFinding): void {
    this.total++;
    if (this.kept.length < KEPT) this.kept.push(found);
    const { vendorId, level } = found;
    if (vendorId === null) return;
    if (!COPIES.has(found.check)) this.#unsound.add(vendorId);
    if (this.#levels.get(vendorId) !== 'CRITICAL') this.#levels.set(vendorId, level);
  }

  levelOf(vendorId: number): Level {
    return this.#levels.get(vendorId) ?? 'VERIFIED';
  }

  /** Whether the transactions themselves are in order: a wrong copy says nothing about them. */
  isSound(vendorId: number): boolean {
    return !this.#unsound.has(vendorId);
  }

  /** Vendors at each level below verified. */
  count(level: Exclude<Level, 'VERIFIED'>): number {
    return [...this.#levels.values()].filter((one) => one === level).length;
  }
}
