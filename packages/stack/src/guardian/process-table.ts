import { readFileSync } from 'node:fs';

/** When a process started, in ticks since boot: with its number, it names one process. null where that is not known. */
export function startTimeOf(pid: number): string | null {
  const fields = statOf(pid);
  return fields?.[19] ?? null;
}

/** Whether this very process, not a later one of the same number, still runs. A zombie does not. */
export function isAlive(pid: number, startTime: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const fields = statOf(pid);
  if (!fields) return startTime === null && process.platform !== 'linux';
  return fields[0] !== 'Z' && (startTime === null || fields[19] === startTime);
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
