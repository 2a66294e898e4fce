import { Counter, type Registry } from 'prom-client';
import type { Decision } from '../domain/decide.ts';
import type { CommittedBatch } from '../process/commit-batch.ts';

/** Publishing systems that have series of their own; whoever comes later is counted as "other". */
const MAX_SOURCES = 64;

/** What each publishing system sends, and what becomes of it: who misbehaves is seen here. */
export class SourceMetrics {
  readonly #commands: Counter<'source' | 'result'>;
  readonly #deadLetters: Counter<'source' | 'reason'>;
  readonly #names = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#commands = new Counter({
      name: 'b2b_ledger_source_commands_total',
      help: `Commands decided, by publishing system (${MAX_SOURCES} at most, then "other") and result`,
      labelNames: ['source', 'result'],
      registers,
    });
    this.#deadLetters = new Counter({
      name: 'b2b_ledger_source_dead_letters_total',
      help: 'Commands that became dead letters, by publishing system ("none": its subject names none) and reason',
      labelNames: ['source', 'reason'],
      registers,
    });
  }

  /** Counted per batch, so that a counter is touched once per kind and not once per command. */
  committed({ entries, decisions }: Pick<CommittedBatch, 'entries' | 'decisions'>): void {
    const counts = new Map<string, Map<string, number>>();
    decisions.forEach((decision, index) => {
      const source = this.#named(entries[index]!.source);
      const results = counts.get(source) ?? new Map<string, number>();
      const result = resultOf(decision);
      counts.set(source, results);
      results.set(result, (results.get(result) ?? 0) + 1);
      if (decision.kind === 'dead' && !decision.again)
        this.#deadLetters.inc({ source, reason: decision.reason });
    });
    for (const [source, results] of counts) {
      for (const [result, count] of results) this.#commands.inc({ source, result }, count);
    }
  }

  #named(source: string | null): string {
    if (source === null) return 'none';
    if (this.#names.has(source)) return source;
    if (this.#names.size >= MAX_SOURCES) return 'other';
    this.#names.add(source);
    return source;
  }
}

function resultOf(decision: Decision): string {
  if (decision.kind !== 'recorded') return decision.kind;
  return decision.transaction.reason === null ? 'posted' : 'rejected';
}
