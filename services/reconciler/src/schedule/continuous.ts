import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from './runner.ts';

interface ContinuousOptions {
  readonly runner: Runner;
  readonly startedBy: string;
  readonly pauseMs: number;
}

/** One incremental audit after the other, with a pause between them. */
export function startContinuous({ runner, startedBy, pauseMs }: ContinuousOptions): AsyncDisposable {
  const ending = new AbortController();
  const loop = (async () => {
    while (!ending.signal.aborted) {
      try {
        const started = await runner.start({ mode: 'incremental', trigger: 'continuous', startedBy });
        await started?.finished;
      } catch {
        // The runner has told of it.
      }
      await sleep(pauseMs, null, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await loop;
    },
  };
}
