import { fork } from 'node:child_process';
import path from 'node:path';
import type { LoadMessage, LoadPlan, LoadResult } from './plan.ts';

interface Observer {
  /** The warm-up is over; the pid is the generator's. */
  measuring(pid: number): Promise<void> | void;
  measured(pid: number): Promise<void> | void;
}

export class LoadError extends Error {
  override name = 'LoadError';
}

/** Beyond what the plan itself takes. */
const GRACE_MS = 90_000;

/** Runs a generator process through one plan. Throws LoadError if it ends without a result or takes too long. */
export async function runLoad(plan: LoadPlan, observer: Observer): Promise<LoadResult> {
  const child = fork(path.join(import.meta.dirname, 'generator.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const limitMs = GRACE_MS + ('measureMs' in plan ? plan.warmupMs + plan.measureMs : 0);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const observing: Promise<void>[] = [];
  try {
    const result = await new Promise<LoadResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new LoadError(`the load generator ended early: ${signal ?? `exit code ${code}`}`));
      });
      child.on('message', (message: LoadMessage) => {
        if (message.kind === 'result') resolve(message.result);
        else observing.push(Promise.resolve(observer[message.kind](child.pid!)));
      });
      child.send(plan);
    });
    await Promise.all(observing);
    return result;
  } finally {
    clearTimeout(timer);
    child.kill();
  }
}
