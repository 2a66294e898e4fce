import { rmSync, writeFileSync } from 'node:fs';
import { isAlive, startTimeOf } from '../guardian/process-table.ts';
import type { StackFolder } from './folder.ts';
import { readJson } from './json-file.ts';

interface Holder {
  readonly pid: number;
  readonly startTime: string | null;
}

export class StackRunningError extends Error {
  override name = 'StackRunningError';
}

const MAX_TRIES = 3;

/** One stack per folder. Returns what lets go of it; throws StackRunningError, naming the URL, if another one has it. */
export function lockStack(folder: StackFolder): () => void {
  const { pid } = process;
  const text = JSON.stringify({ pid, startTime: startTimeOf(pid) } satisfies Holder);
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(folder.lock, text, { flag: 'wx', mode: 0o600 });
      return () => rmSync(folder.lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === MAX_TRIES) throw error;
    }
    const holder = readJson<Holder>(folder.lock);
    if (holder && isAlive(holder.pid, holder.startTime)) {
      const url = readJson<{ gateway?: string }>(folder.stack)?.gateway;
      throw new StackRunningError(
        `a stack runs here already (process ${holder.pid}): ${url ?? 'it is still starting'}`,
      );
    }
    // Left by one that was killed.
    rmSync(folder.lock, { force: true });
  }
}
