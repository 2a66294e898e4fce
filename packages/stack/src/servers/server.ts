import type { Guardian } from '../guardian/guardian.ts';
import type { ServerSources } from './sources.ts';

export type ServerName = 'postgres' | 'nats' | 'redis';
export type SourceName = 'url' | 'binary' | 'npm' | 'container' | 'debian';

/** A server that the stack started, or one that was there already and is known by its URL alone. */
export interface Server {
  readonly name: ServerName;
  /** With the administrator's credentials, if it has any. */
  readonly url: string;
  readonly version: string;
  readonly source: SourceName;
  /** null when it is not running, not ours, or in a container whose processes this machine does not see. */
  readonly pid: number | null;
  /** Id of the container that it runs in; null when it runs in none. */
  readonly container: string | null;
  /** Resolves when a server of ours, process or container, has been sent the signal; throws NotOursError for one known by URL. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, ending it first if it runs; resolves when it is healthy. */
  restart(): Promise<void>;
  /** Calls back each time it ends without having been asked to by stop() or restart(). */
  onExit(listener: (reason: string) => void): void;
  /** Ends it in an orderly way, by force after 10 s. Does nothing to a server known by URL. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Where it keeps data, secrets and configuration. Made if missing. */
  readonly dataDir: string;
  /** Where <name>.log goes; the data folder unless given. */
  readonly logDir?: string;
  /** Taken if free; replaced, and reported through `progress`, if not. Any free one unless given. */
  readonly port?: number;
  readonly sources: ServerSources;
  /** True if the caller works with the server's own files or programs: then no container will do. */
  readonly localFiles?: boolean;
  readonly guardian: Guardian;
  readonly progress?: (line: string) => void;
}

export class NotOursError extends Error {
  override name = 'NotOursError';
}

export class ServerStartError extends Error {
  override name = 'ServerStartError';
}
