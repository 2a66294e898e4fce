import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5_000;
/** Whoever has run this long starts again with the first delay. */
const STEADY_AFTER_MS = 10_000;
/** A start error carries the tail of a log, which is in a file already. */
const ERROR_LINES = 4;

/** A server or a service. */
export interface Part {
  readonly name: string;
  readonly pid: number | null;
  /** Id of the container, for what runs in one. */
  readonly container?: string | null;
  onExit(listener: (reason: string) => void): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface KeepRunningOptions {
  readonly progress: (line: string) => void;
  /** Called after each restart: process numbers have changed. */
  readonly changed: () => void;
  readonly firstDelayMs?: number;
}

/** Restarts the part whenever it ends, with a growing delay, until stopped. Returns what stops it for good. */
export function keepRunning(part: Part, options: KeepRunningOptions): () => Promise<void> {
  const { progress, changed, firstDelayMs = FIRST_DELAY_MS } = options;
  const stopping = new AbortController();
  let delayMs = firstDelayMs;
  let runningSince = Date.now();
  let restarting: Promise<void> = Promise.resolve();

  const restartUntilItRuns = async () => {
    if (Date.now() - runningSince > STEADY_AFTER_MS) delayMs = firstDelayMs;
    while (!stopping.signal.aborted) {
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      delayMs = Math.min(2 * delayMs, LAST_DELAY_MS);
      try {
        await part.restart();
        runningSince = Date.now();
        progress(`${part.name} runs again${part.pid === null ? '' : ` (process ${part.pid})`}`);
        return changed();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const said = (error as Error).message.split('\n').slice(0, ERROR_LINES).join('\n  ');
        progress(`${said}\n  trying again in ${delayMs / 1000} s`);
      }
    }
  };

  part.onExit((reason) => {
    if (stopping.signal.aborted) return;
    progress(`${part.name} ended (${reason}); starting it again`);
    restarting = restartUntilItRuns();
  });

  return async () => {
    stopping.abort();
    await part.stop();
    // A restart may have been under way, and have started it once more.
    await restarting;
    await part.stop();
  };
}
