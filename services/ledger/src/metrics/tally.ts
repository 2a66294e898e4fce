import type { CommittedBatch } from '../process/commit-batch.ts';

/** Counted per batch, so that a counter is touched once per kind and not once per command. */
export function tally(
  entries: CommittedBatch['entries'],
  made: CommittedBatch['decisions'],
): { command: string; outcome: string; count: number }[] {
  const counts = new Map<string, { command: string; outcome: string; count: number }>();
  made.forEach((decision, index) => {
    const entry = entries[index]!;
    const command = entry.kind === 'command' ? entry.request.type : 'unreadable';
    const outcome = decision.kind === 'recorded' ? (decision.transaction.reason ?? 'POSTED') : decision.kind;
    const key = `${command} ${outcome}`;
    const counted = counts.get(key);
    if (counted) counted.count++;
    else counts.set(key, { command, outcome, count: 1 });
  });
  return [...counts.values()];
}
