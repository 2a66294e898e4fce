import { createHash } from 'node:crypto';
import { runCommand } from '../process/run-command.ts';
import type { Launch } from '../process/start-process.ts';
import { executables } from './binaries.ts';
import { type Found, SourceUnavailableError } from './choose-source.ts';
import type { FetchOptions } from './debian-package.ts';
import type { ServerName } from './server.ts';
import type { ServerSources } from './sources.ts';

const ENGINE_TIMEOUT_MS = 5_000;
const PULL_TIMEOUT_MS = 300_000;
const REMOVE_TIMEOUT_MS = 20_000;

/** The image, if a Docker engine answers and has it or can fetch it. `version` is the image's tag until it runs. */
export async function findImage(image: string, version: string, options: FetchOptions): Promise<Found> {
  const { sources, guardian, progress } = options;
  const docker = executables('docker', sources.path)[0];
  if (!docker) throw new SourceUnavailableError('no docker in the PATH');
  const { environment } = sources;
  await runCommand(docker, ['info', '--format', '{{.ServerVersion}}'], {
    timeoutMs: ENGINE_TIMEOUT_MS,
    environment,
  });
  const inspect = ['image', 'inspect', '--format', '{{.Id}}', image];
  const here = await runCommand(docker, inspect, { timeoutMs: ENGINE_TIMEOUT_MS, environment }).catch(
    () => '',
  );
  if (!here) {
    progress?.(`fetching the image ${image}`);
    await runCommand(docker, ['pull', '--quiet', image], {
      timeoutMs: PULL_TIMEOUT_MS,
      environment,
      guardian,
    });
  }
  return { source: 'container', program: image, version };
}

interface ContainerOptions {
  readonly server: ServerName;
  readonly image: string;
  readonly dataDir: string;
  /** Ours and the container's. */
  readonly ports: readonly [number, number];
  /** Where the image keeps its data; a named volume, so that no file of another user lands in our folders. */
  readonly volumeAt: string;
  /** Read-only mounts: ours to the container's. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly input?: string;
}

/**
 * `docker run` in the foreground: the container then is a child like any other, with a log, signals and an end.
 * Removes first what a crash may have left of that name.
 */
export async function containerLaunch(options: ContainerOptions, sources: ServerSources): Promise<Launch> {
  const { server, image, dataDir, ports, volumeAt, mounts = {}, variables = {}, args, input } = options;
  const container = containerName(server, dataDir);
  await runCommand('docker', ['rm', '--force', container], {
    timeoutMs: REMOVE_TIMEOUT_MS,
    environment: sources.environment,
  });
  return {
    command: 'docker',
    args: [
      'run',
      '--rm',
      ...(input === undefined ? [] : ['--interactive']),
      ...['--name', container, '--publish', `127.0.0.1:${ports[0]}:${ports[1]}`],
      ...['--volume', `${container}:${volumeAt}`],
      ...Object.entries(mounts).flatMap(([ours, theirs]) => ['--volume', `${ours}:${theirs}:ro`]),
      // Only the names: the values would show in the list of processes.
      ...Object.keys(variables).flatMap((name) => ['--env', name]),
      image,
      ...args,
    ],
    environment: { ...sources.environment, ...variables },
    cwd: '/',
    container,
    ...(input === undefined ? {} : { input }),
  };
}

/** Container and volume of one server of one data folder. */
export function containerName(server: ServerName, dataDir: string): string {
  return `b2b-charge-${server}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

/** Whether a containerised server of this folder has data; false without an engine. */
export async function hasVolume(
  server: ServerName,
  dataDir: string,
  sources: ServerSources,
): Promise<boolean> {
  if (executables('docker', sources.path).length === 0) return false;
  return await runCommand('docker', ['volume', 'inspect', containerName(server, dataDir)], {
    timeoutMs: ENGINE_TIMEOUT_MS,
    environment: sources.environment,
  }).then(
    () => true,
    () => false,
  );
}

/** Deletes the data that a containerised server of this folder may have. */
export async function removeVolume(
  server: ServerName,
  dataDir: string,
  sources: ServerSources,
): Promise<void> {
  if (executables('docker', sources.path).length === 0) return;
  await runCommand('docker', ['volume', 'rm', '--force', containerName(server, dataDir)], {
    timeoutMs: REMOVE_TIMEOUT_MS,
    environment: sources.environment,
  }).catch(() => {
    // No engine: then there is no volume either.
  });
}
