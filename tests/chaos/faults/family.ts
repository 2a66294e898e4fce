import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started, by /proc: PostgreSQL's backends are each in a session of their own. */
export function childrenOf(parent: number): number[] {
  const children: number[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name before the state may itself hold spaces and brackets.
      const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(ppid) === parent) children.push(Number(entry));
    } catch {
      // It went in the meantime.
    }
  }
  return children;
}

/** Sends a signal to processes that may have gone. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
