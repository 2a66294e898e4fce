import { readdirSync, readFileSync } from 'node:fs';

/** CPU time is counted in ticks of 10 ms, everywhere that Linux runs on. */
const TICK_US = 10_000;
const PAGE_BYTES = 4_096;

/** Microseconds of CPU that a process has used; 0 once it is gone. With `reaped`, also its ended children's. */
export function cpuUs(pid: number, { reaped = false }: { reaped?: boolean } = {}): number {
  const fields = statOf(pid);
  if (!fields) return 0;
  const ticks = (from: number) => Number(fields[from]) + Number(fields[from + 1]);
  return (ticks(11) + (reaped ? ticks(13) : 0)) * TICK_US;
}

/** A server that forks per connection, as PostgreSQL does: itself, its children, and those that have ended. */
export function cpuOfFamilyUs(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuUs(child), cpuUs(pid, { reaped: true }));
}

/** Resident memory; 0 once it is gone. */
export function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** The fields of /proc/<pid>/stat from the state on; the name before them may itself hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
