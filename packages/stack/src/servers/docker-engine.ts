import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from 'testcontainers';
import { settlesWithin } from './wait-until.ts';

const ANSWERS_WITHIN_MS = 5_000;
const PULLED_WITHIN_MS = 300_000;
const STOP_GRACE_S = 8;

export class EngineError extends Error {
  override name = 'EngineError';
}

/** The engine that testcontainers finds. Throws EngineError if none answers within 5 s. */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  const client = getContainerRuntimeClient();
  if (!(await settlesWithin(client, ANSWERS_WITHIN_MS)))
    throw new EngineError('the Docker engine did not answer within 5 s');
  return client;
}

/** Fetches the image if the engine lacks it. Throws if it cannot, or not within five minutes. */
export async function provideImage(image: string, progress?: (line: string) => void): Promise<void> {
  const client = await connectEngine();
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) return;
  progress?.(`fetching the image ${image}`);
  const pulled = client.image.pull(name);
  if (!(await settlesWithin(pulled, PULLED_WITHIN_MS)))
    throw new EngineError(`${image} was not fetched in time`);
}

/** Ends a container in an orderly way, by force after 8 s, and resolves when its name is free again. */
export async function removeContainer(name: string): Promise<void> {
  const container = (await connectEngine()).container.getById(name);
  await container.stop({ t: STOP_GRACE_S }).catch(unlessEnded);
  await container.remove({ force: true, v: true }).catch(unlessEnded);
  await container.wait({ condition: 'removed' }).catch(unlessEnded);
}

/** Sends a signal to the main process of a container; does nothing to one that has ended. */
export async function signalContainer(id: string, signal: NodeJS.Signals): Promise<void> {
  const container = (await connectEngine()).container.getById(id);
  await container.kill({ signal }).catch(unlessEnded);
}

export async function hasVolume(name: string): Promise<boolean> {
  const { container } = await connectEngine();
  const found = container.dockerode.getVolume(name).inspect();
  return await found.then(() => true, unlessMissing);
}

/** Deletes a volume, and the container of its name first, which a crash may have left. */
export async function removeVolume(name: string): Promise<void> {
  await removeContainer(name);
  const { container } = await connectEngine();
  await container.dockerode.getVolume(name).remove().catch(unlessMissing);
}

interface Refusal {
  readonly statusCode?: number;
}

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;
const CONFLICT = 409;

/** Swallows the engine's refusal to end a container that has stopped, is being removed, or is gone. */
function unlessEnded(error: Refusal): void {
  if (error.statusCode !== NOT_MODIFIED && error.statusCode !== CONFLICT) unlessMissing(error);
}

function unlessMissing(error: Refusal): false {
  if (error.statusCode === NOT_FOUND) return false;
  throw error;
}
