import type { Subjects } from '@b2b-charge/contracts';
import type { CommandLog } from '../process/ports.ts';
import type { LedgerState } from './read-lanes.ts';
import { countUndecided } from './undecided.ts';

interface Log {
  readonly log: CommandLog;
  readonly subjects: Subjects;
}

/** What stands in the way of a new partition, a sentence each; nothing if the ledger is stopped and all is decided. */
export async function findObstacles(
  state: LedgerState,
  { log, subjects }: Log,
  endSeq: number,
): Promise<string[]> {
  return [...findOwners(state), ...(await findUndrained(state, { log, subjects }, endSeq))];
}

export function findOwners({ lanes, processes }: LedgerState): string[] {
  const obstacles = processes.map((process) => `the ledger process ${process} runs: stop it`);
  const held = lanes.filter(
    ({ owner, leaseMs }) => owner !== null && leaseMs > 0 && !processes.includes(owner),
  );
  for (const { lane, owner, leaseMs } of held)
    obstacles.push(`lane ${lane} is held by ${owner} for another ${(leaseMs / 1_000).toFixed(1)} s`);
  return obstacles;
}

async function findUndrained({ lanes }: LedgerState, log: Log, endSeq: number): Promise<string[]> {
  const obstacles: string[] = [];
  const held = new Map<string, boolean>();
  for (const { lane, cursor } of lanes) {
    const place = JSON.stringify(cursor);
    if (!held.has(place)) held.set(place, await log.log.holds(cursor));
    if (!held.get(place))
      obstacles.push(
        `lane ${lane}: the log does not hold what was decided last, at ${cursor.seq}: it was rolled back. ` +
          'Start the ledger, which reads the lane again, and stop it when it is done',
      );
  }
  if (obstacles.length > 0) return obstacles;
  const undecided = await countUndecided(log, lanes, endSeq);
  for (const [lane, count] of [...undecided].sort(([a], [b]) => a - b)) {
    const { cursor } = lanes.find((one) => one.lane === lane)!;
    obstacles.push(
      `lane ${lane}: ${count} commands after its cursor ${cursor.seq} are not decided: start the ledger, wait, stop it`,
    );
  }
  return obstacles;
}
