import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, SpawnError, stopRunning } from '../process/running.ts';
import { type Launch, startProcess } from '../process/start-process.ts';
import type { ContainerLaunch } from './containers.ts';
import { freePort } from './free-port.ts';
import {
  type Server,
  type ServerName,
  type ServerOptions,
  ServerStartError,
  type SourceName,
} from './server.ts';
import { waitUntil } from './wait-until.ts';

const HEALTHY_WITHIN_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const MAX_LAUNCHES = 25;
const RELAUNCH_AFTER_MS = 200;
const SERVER_STAGE = 1;

/**
 * Ends that pass: the port is still held by what ran before, or the last PostgreSQL's processes have not quite gone
 * after a SIGKILL.
 */
const PASSING =
  /address already in use|port is already allocated|pre-existing shared memory|lock file .* already exists/i;
const PORT_TAKEN = /address already in use|port is already allocated/i;

export interface ServerDefinition {
  readonly name: ServerName;
  readonly source: Exclude<SourceName, 'url'>;
  readonly port: number;
  readonly stopSignal: NodeJS.Signals;
  url(port: number): string;
  /** Called before each start; may write the configuration and clear what a crash left. */
  launch(port: number): Launch | ContainerLaunch | Promise<Launch>;
  /** Resolves with the server's version when it serves; throws while it does not. */
  health(url: string): Promise<string>;
}

/** Starts the server, waits until it serves, and hands out what controls it. Throws ServerStartError with its log. */
export async function startManaged(definition: ServerDefinition, options: ServerOptions): Promise<Server> {
  const server = new ManagedServer(definition, options);
  await server.start({ portMayChange: true });
  return server;
}

class ManagedServer implements Server {
  readonly name: ServerName;
  readonly source: SourceName;
  version = '';
  readonly #definition: ServerDefinition;
  readonly #options: ServerOptions;
  readonly #logFile: string;
  readonly #listeners: ((reason: string) => void)[] = [];
  #port: number;
  #running: Running | undefined;

  constructor(definition: ServerDefinition, options: ServerOptions) {
    this.name = definition.name;
    this.source = definition.source;
    this.#definition = definition;
    this.#options = options;
    this.#port = definition.port;
    this.#logFile = path.join(options.logDir ?? options.dataDir, `${definition.name}.log`);
  }

  get url(): string {
    return this.#definition.url(this.#port);
  }

  get pid(): number | null {
    return this.#running && !this.#running.hasExited() ? this.#running.pid : null;
  }

  get container(): string | null {
    return this.#running?.container ?? null;
  }

  async start({ portMayChange }: { portMayChange: boolean }): Promise<void> {
    for (let launches = 1; ; launches++) {
      const failure = await this.#attempt();
      if (failure === undefined) return;
      if (launches === MAX_LAUNCHES || !PASSING.test(failure)) {
        throw new ServerStartError(`${this.name} (${this.source}) did not start: ${failure}`);
      }
      if (portMayChange && PORT_TAKEN.test(failure)) this.#port = await freePort();
      await sleep(RELAUNCH_AFTER_MS);
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start({ portMayChange: false });
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) await stopRunning(running, { signal: this.#definition.stopSignal, graceMs: STOP_GRACE_MS });
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#running?.kill(signal);
  }

  onExit(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves with what went wrong, the end of the log with it, or undefined when it serves. */
  async #attempt(): Promise<string | undefined> {
    const running = await this.#launch().catch((error: Error) => {
      if (error instanceof SpawnError) return error.message;
      throw error;
    });
    if (typeof running === 'string') return running;
    this.#running = running;
    const failure = await this.#becomesHealthy(running);
    if (failure === undefined) return void this.#reportExit(running);
    await stopRunning(running, { signal: this.#definition.stopSignal, graceMs: STOP_GRACE_MS });
    return `${failure}\n${running.tail()}`;
  }

  async #launch(): Promise<Running> {
    const { stopSignal: signal, launch } = this.#definition;
    const { guardian } = this.#options;
    const started = await launch(this.#port);
    const common = { logFile: this.#logFile, guardian, stage: SERVER_STAGE };
    if ('command' in started) return startProcess(started, { ...common, signal });
    const { startContainer } = await import('./server-container.ts');
    return startContainer(started, common);
  }

  /** Resolves with what went wrong, or undefined when it serves. */
  async #becomesHealthy(running: Running): Promise<string | undefined> {
    let ended: string | undefined;
    void running.exited.then((reason) => {
      ended = reason;
    });
    try {
      const answer = await waitUntil(
        async () => ended ?? { version: await this.#definition.health(this.url) },
        {
          timeoutMs: HEALTHY_WITHIN_MS,
        },
      );
      if (typeof answer !== 'object') return `it ended with ${answer}`;
      // Something else may answer on the port while ours finds it taken.
      if (running.hasExited()) return `it ended with ${await running.exited}`;
      this.version = answer.version;
      return undefined;
    } catch (error) {
      return `not healthy within ${HEALTHY_WITHIN_MS / 1000} s: ${(error as Error).message}`;
    }
  }

  #reportExit(running: Running): void {
    void running.exited.then((reason) => {
      // stop() and restart() have let go of it before they end it.
      if (this.#running !== running) return;
      for (const listener of this.#listeners) listener(reason);
    });
  }
}
