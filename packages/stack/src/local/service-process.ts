import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import type { Guardian } from '../guardian/guardian.ts';
import { stopRunning } from '../process/running.ts';
import { type RunningProcess, startProcess } from '../process/start-process.ts';
import { waitUntil } from '../servers/wait-until.ts';
import { nodeFlags } from './node-flags.ts';

const READY_WITHIN_MS = 30_000;
const READY_REQUEST_MS = 1_000;
const READY_INTERVAL_MS = 50;
const STOP_GRACE_MS = 12_000;
const SERVICE_STAGE = 0;

interface ServiceOptions {
  readonly name: ServiceName;
  /** Of the repository. */
  readonly root: string;
  readonly logDir: string;
  readonly opsPort: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The part of the environment that the stack made, for tools that act as this service. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly guardian: Guardian;
}

export class ServiceStartError extends Error {
  override name = 'ServiceStartError';
}

/** One of our services as a process of its own. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly opsUrl: string;
  readonly #options: ServiceOptions;
  readonly #listeners: ((reason: string) => void)[] = [];
  #running: RunningProcess | undefined;

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.opsUrl = `http://127.0.0.1:${options.opsPort}`;
    this.#options = options;
  }

  get settings(): Readonly<Record<string, string>> {
    return this.#options.settings ?? {};
  }

  get pid(): number | null {
    return this.#running && !this.#running.hasExited() ? this.#running.pid : null;
  }

  /** Starts it, ending it first if it runs; resolves when it is ready. Throws ServiceStartError with its log. */
  async restart(): Promise<void> {
    await this.stop();
    const { name, root, environment, guardian, logDir } = this.#options;
    const running = await startProcess(
      {
        command: process.execPath,
        args: [...nodeFlags(name), path.join(root, 'services', name, 'src/main.ts')],
        environment,
        cwd: root,
      },
      { logFile: path.join(logDir, `${name}.log`), guardian, signal: 'SIGTERM', stage: SERVICE_STAGE },
    );
    this.#running = running;
    const failure = await this.#becomesReady(running);
    if (failure) throw new ServiceStartError(`${name} did not start: ${failure}\n${running.tail()}`);
    void running.exited.then((reason) => {
      // stop() and restart() have let go of it before they end it.
      if (this.#running !== running) return;
      for (const listener of this.#listeners) listener(reason);
    });
  }

  /** Calls back each time it ends, after it had been ready, without having been asked to. */
  onExit(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) await stopRunning(running, { signal: 'SIGTERM', graceMs: STOP_GRACE_MS });
  }

  /** Resolves with what went wrong, or undefined when it is ready. */
  async #becomesReady(running: RunningProcess): Promise<string | undefined> {
    let last = 'no answer';
    const ready = await waitUntil(
      async () => {
        if (running.hasExited()) return false;
        const answer = await askReady(this.opsUrl);
        if (answer === true) return true;
        last = answer;
        return undefined;
      },
      { timeoutMs: READY_WITHIN_MS, intervalMs: READY_INTERVAL_MS },
    );
    if (ready) return undefined;
    if (ready === false) return `it ended with ${await running.exited}`;
    return `not ready within ${READY_WITHIN_MS / 1000} s: ${last}`;
  }
}

async function askReady(opsUrl: string): Promise<true | string> {
  try {
    const response = await fetch(`${opsUrl}/ready`, { signal: AbortSignal.timeout(READY_REQUEST_MS) });
    const body = await response.text();
    return response.ok || body;
  } catch (error) {
    return (error as Error).message;
  }
}
