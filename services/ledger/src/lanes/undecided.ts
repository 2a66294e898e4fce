import type { Subjects } from '@b2b-charge/contracts';
import type { LogMessage } from '../log/parse-entry.ts';
import type { CommandLog, LaneTitle } from '../process/ports.ts';

/** Longest time without a message while the log is read. */
const STUCK_MS = 20_000;

export class LogStuckError extends Error {
  override name = 'LogStuckError';
}

/** Commands beyond their lane's cursor, by lane, up to a sequence: the log's last. */
export async function countUndecided(
  { log, subjects }: { log: CommandLog; subjects: Subjects },
  lanes: readonly LaneTitle[],
  endSeq: number,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const cursors = new Map(lanes.map(({ lane, cursor }) => [lane, cursor.seq]));
  const from = Math.min(endSeq, ...cursors.values());
  if (from >= endSeq) return counts;
  await readUpTo(log, from, endSeq, ({ subject, streamSeq }) => {
    const named = subjects.laneIn(subject);
    // As the ledger reads it: what stands on no lane is the first one's.
    const lane = named !== null && cursors.has(named) ? named : 0;
    if (streamSeq > cursors.get(lane)!) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  });
  return counts;
}

async function readUpTo(
  log: CommandLog,
  afterSeq: number,
  endSeq: number,
  take: (message: LogMessage) => void,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  const stuck = setTimeout(
    () => done.reject(new LogStuckError('the command log does not deliver')),
    STUCK_MS,
  );
  const reader = log.read(afterSeq, (message) => {
    stuck.refresh();
    if (message.streamSeq <= endSeq) take(message);
    if (message.streamSeq >= endSeq) done.resolve();
    return undefined;
  });
  try {
    await done.promise;
  } finally {
    clearTimeout(stuck);
    reader.stop();
  }
}
