import type { Logger } from '@b2b-charge/runtime';
import type { LogReading } from './log-reading.ts';
import type { OwnedLanes } from './owned-lanes.ts';
import type { CommandLog } from './ports.ts';
import type { Clock, ProcessEvent } from './process-options.ts';

interface WatchOptions {
  readonly log: CommandLog;
  readonly owned: OwnedLanes;
  readonly reading: LogReading;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inspectEveryMs: number;
  observe?(event: ProcessEvent): void;
}

/**
 * Beside the process's loop, every few seconds: is the log still the one that was read, and does the reader still
 * deliver? It only raises suspicion; the loop acts on it.
 */
export class LogWatch {
  readonly #options: WatchOptions;
  /** The log's end when it was last seen ahead of a silent reader. */
  #suspectSeq = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A new reader begins without suspicion. */
  forget(): void {
    this.#suspectSeq = 0;
  }

  async run(signal: AbortSignal, suspect: () => void): Promise<void> {
    const { clock, inspectEveryMs, logger, owned } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(inspectEveryMs, signal);
      if (signal.aborted || owned.size === 0) continue;
      try {
        if (await this.#isSuspect()) suspect();
      } catch (error) {
        logger.warn({ err: error }, 'could not inspect the command log');
      }
    }
  }

  async #isSuspect(): Promise<boolean> {
    const { log, owned, reading } = this.#options;
    const { position } = reading;
    const lastSeq = await log.lastSeq();
    const silent = owned.waiting === 0 && lastSeq > position.seq && reading.position.seq === position.seq;
    const stalled = silent && this.#suspectSeq > position.seq;
    this.#suspectSeq = silent ? lastSeq : 0;
    if (stalled) this.#options.observe?.({ kind: 'stalled' });
    return stalled || reading.broken || !(await log.holds(position));
  }
}
