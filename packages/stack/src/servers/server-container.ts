import { createWriteStream, fstatSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { finished } from 'node:stream/promises';
import { GenericContainer, StartupCheckStrategy, type StartupStatus } from 'testcontainers';
import { logTail, openLog } from '../process/log-file.ts';
import { type Running, SpawnError, type StartOptions } from '../process/running.ts';
import type { ContainerLaunch } from './containers.ts';
import { connectEngine, removeContainer, signalContainer } from './docker-engine.ts';
import { settlesWithin } from './wait-until.ts';

const LOGGED_WITHIN_MS = 2_000;
/** A shell's way to say which signal ended a process: 128 and the signal's number. */
const ENDED_BY_SIGNAL = 128;

/** Our own health checks wait for a server, as they do for one of any other source. */
class AtOnce extends StartupCheckStrategy {
  override async checkStartupState(): Promise<StartupStatus> {
    return 'SUCCESS';
  }
}

class ServerContainer extends GenericContainer {
  readonly #created: (id: string) => Promise<void>;

  constructor(launch: ContainerLaunch, created: (id: string) => Promise<void>) {
    super(launch.image);
    this.#created = created;
    const { name, volumeAt, ports, mounts = {}, files = {}, variables = {} } = launch;
    this.withName(name)
      .withCommand([...launch.args])
      .withEnvironment({ ...variables })
      .withExposedPorts(...Object.entries(ports).map(([of, at]) => ({ container: Number(of), host: at })))
      .withBindMounts([
        { source: name, target: volumeAt },
        ...Object.entries(mounts).map(([source, target]) => ({ source, target, mode: 'ro' as const })),
      ])
      .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content })))
      .withWaitStrategy(new AtOnce())
      // The guardian removes it, as it ends a process: no helper image, and no helper with the engine's socket.
      .withAutoCleanup(false);
    this.hostConfig.AutoRemove = true;
    // The library publishes ports to every network that this machine is on.
    for (const bindings of Object.values(
      this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>,
    ))
      for (const binding of bindings) binding.HostIp = '127.0.0.1';
  }

  /** Called between creation and start: nothing that the server logs, and no end of it, is missed. */
  protected override containerCreated(id: string): Promise<void> {
    return this.#created(id);
  }
}

/**
 * Starts a container under the guardian's eyes, with its output in a log file. Removes first what a crash may have left
 * of that name. Throws SpawnError.
 */
export async function startContainer(launch: ContainerLaunch, options: StartOptions): Promise<Running> {
  const { logFile, guardian, stage } = options;
  const { name, dataDir } = launch;
  const { container: containers } = await connectEngine();
  await removeContainer(name);
  if (guardian.closed) throw new SpawnError(`${name} is not started: all is being stopped`);
  guardian.watch({ container: name, stage });
  if (guardian.removesAtEnd(dataDir)) guardian.removeVolumeAtEnd(name);
  let logStart = 0;
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  let ended = false;
  const container = containers.getById(name);
  let containerId = '';
  const server = new ServerContainer(launch, async (id) => {
    containerId = id;
    const fd = openLog(logFile);
    logStart = fstatSync(fd).size;
    const output = (await containers.attach(container)).pipe(createWriteStream('', { fd }));
    const logged = finished(output).catch(() => {});
    void container
      .wait({ condition: 'removed' })
      .then(({ StatusCode }) => reasonOf(StatusCode))
      .catch((error: Error) => `the engine: ${error.message}`)
      .then(async (reason) => {
        await settlesWithin(logged, LOGGED_WITHIN_MS);
        ended = true;
        guardian.release(name);
        resolve(reason);
      });
  });
  // A server that ends at once has no ports, for which the library would wait.
  await Promise.race([server.start(), exited]).catch(async (cause: Error) => {
    await removeContainer(name).catch(() => {});
    guardian.release(name);
    throw new SpawnError(`cannot run ${launch.image}: ${cause.message}`, { cause });
  });
  const pid = ended ? null : await pidOf(container, containerId);
  return {
    pid,
    container: containerId,
    exited,
    hasExited: () => ended,
    kill: (signal) => signalContainer(containerId, signal),
    tail: () => logTail(logFile, logStart),
  };
}

function reasonOf(status: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === status - ENDED_BY_SIGNAL);
  return signal ? `signal ${signal[0]}` : `exit code ${status}`;
}

/** Process number of the server; null if the engine's processes are not this machine's, as in a virtual machine. */
async function pidOf(container: { inspect(): Promise<{ State: { Pid: number } }> }, id: string) {
  try {
    const { Pid } = (await container.inspect()).State;
    return readFileSync(`/proc/${Pid}/cgroup`, 'utf8').includes(id) ? Pid : null;
  } catch {
    return null;
  }
}
