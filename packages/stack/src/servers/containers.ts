import { createHash } from 'node:crypto';
import { type Found, SourceUnavailableError } from './choose-source.ts';
import type { FetchOptions } from './debian-package.ts';
import type { ServerName } from './server.ts';
import type { ServerSources } from './sources.ts';

/** How to run one server in a container of its own. */
export interface ContainerLaunch {
  readonly image: string;
  /** Name of the container, and of the volume that keeps its data. */
  readonly name: string;
  /** Folder that the volume belongs to: a volume of a temporary folder goes with it. */
  readonly dataDir: string;
  /** Ports on this machine's 127.0.0.1, by the container's own. */
  readonly ports: Readonly<Record<number, number>>;
  /** Folder of the image's data; a volume, so that no file of another user lands in our folders. */
  readonly volumeAt: string;
  /** Read-only mounts: the container's folders, by ours. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Texts of files that are put into the container, by their place in there. */
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/**
 * Loads what talks to a Docker engine, which takes a third of a second and up: only where there may be an engine.
 * Throws SourceUnavailableError.
 */
async function loadEngine({ engine }: ServerSources) {
  if (!engine) throw new SourceUnavailableError('no DOCKER_HOST and no socket of a Docker engine');
  try {
    return await import('./docker-engine.ts');
  } catch (cause) {
    // A development dependency: `npm ci --omit=dev` leaves it out.
    throw new SourceUnavailableError('testcontainers is not installed', { cause });
  }
}

/** The image, if a Docker engine answers and has it or can fetch it. `version` is the image's tag until it runs. */
export async function findImage(image: string, version: string, options: FetchOptions): Promise<Found> {
  const { provideImage } = await loadEngine(options.sources);
  await provideImage(image, options.progress);
  return { source: 'container', program: image, version };
}

/** A server in a container logs, and PostgreSQL shows times, in the zone of one without. */
export const timeZoneOf = ({ environment: { TZ } }: ServerSources): Record<string, string> =>
  TZ ? { TZ } : {};

/** Name of the container and of the volume of one server of one data folder. */
export function containerName(server: ServerName, dataDir: string): string {
  return `b2b-charge-${server}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

/** An engine that answers, if there is one. */
async function answeringEngine(sources: ServerSources) {
  try {
    const engine = await loadEngine(sources);
    await engine.connectEngine();
    return engine;
  } catch {
    return undefined;
  }
}

/** Whether a containerised server of this folder has data; false without an engine. */
export async function hasVolume(
  server: ServerName,
  dataDir: string,
  sources: ServerSources,
): Promise<boolean> {
  const engine = await answeringEngine(sources);
  return (await engine?.hasVolume(containerName(server, dataDir))) ?? false;
}

/** Deletes the data that a containerised server of this folder may have; does nothing without an engine. */
export async function removeVolume(
  server: ServerName,
  dataDir: string,
  sources: ServerSources,
): Promise<void> {
  const engine = await answeringEngine(sources);
  await engine?.removeVolume(containerName(server, dataDir));
}
