import { NotOursError, type Server, type ServerName, ServerStartError } from './server.ts';
import { waitUntil } from './wait-until.ts';

const ANSWERS_WITHIN_MS = 10_000;

/** A server that somebody else runs. Throws ServerStartError if it does not answer. */
export async function serverAtUrl(
  name: ServerName,
  url: string,
  health: (url: string) => Promise<string>,
): Promise<Server> {
  const notOurs = (): never => {
    throw new NotOursError(`${name} was given by URL; it is not ours to control`);
  };
  try {
    const version = (await waitUntil(() => health(url), { timeoutMs: ANSWERS_WITHIN_MS }))!;
    return {
      name,
      url,
      version,
      source: 'url',
      pid: null,
      container: null,
      kill: async () => notOurs(),
      restart: async () => notOurs(),
      onExit: () => {},
      stop: async () => {},
    };
  } catch (error) {
    throw new ServerStartError(`${name} does not answer at the URL given: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
