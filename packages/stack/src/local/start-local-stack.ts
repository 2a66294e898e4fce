import { SERVICES } from '@b2b-charge/contracts';
import type { Guardian } from '../guardian/guardian.ts';
import { freePort, portFor } from '../servers/free-port.ts';
import type { ServerSources } from '../servers/sources.ts';
import { emptyStackFolder, type StackFolder } from './folder.ts';
import { keepRunning, type Part } from './keep-running.ts';
import { setAsideLeftBehind } from './left-behind.ts';
import { endLeftovers, recordProcesses } from './leftovers.ts';
import { type StackSecrets, stackSecrets } from './secrets.ts';
import { serviceEnvironment, serviceSettings } from './service-environment.ts';
import { ServiceProcess } from './service-process.ts';
import { createStreams, ensureDatabase, type LocalServers, startServers } from './start-servers.ts';

export interface LocalStackOptions {
  readonly root: string;
  readonly folder: StackFolder;
  readonly fresh: boolean;
  readonly gatewayPort: number;
  readonly backofficePort: number;
  readonly sources: ServerSources;
  readonly environment: NodeJS.ProcessEnv;
  readonly guardian: Guardian;
  readonly progress: (line: string) => void;
  /** Called whenever process numbers have changed. */
  readonly changed: (stack: LocalStack) => void;
  readonly migrate: (options: { adminUrl: string; rolePasswords: Record<string, string> }) => Promise<void>;
}

export interface LocalStack {
  readonly gatewayUrl: string;
  readonly backofficeUrl: string;
  /** As the database's owner. */
  readonly databaseUrl: string;
  readonly servers: LocalServers;
  readonly services: readonly ServiceProcess[];
  readonly secrets: StackSecrets;
  /** Of all that runs, by name. */
  pids(): Record<string, number>;
}

export class StoppedError extends Error {
  override name = 'StoppedError';
}

/** What has been started so far; stopped in the order services, servers. */
export class StartedParts {
  readonly #servers: (() => Promise<void>)[] = [];
  readonly #services: (() => Promise<void>)[] = [];
  #stopped = false;

  addServer(stop: () => Promise<void>): void {
    this.#refuseWhenStopped();
    this.#servers.push(stop);
  }

  addService(stop: () => Promise<void>): void {
    this.#refuseWhenStopped();
    this.#services.push(stop);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#services.map((stop) => stop()));
    await Promise.allSettled(this.#servers.map((stop) => stop()));
  }

  #refuseWhenStopped(): void {
    if (this.#stopped) throw new StoppedError('the stack is being stopped');
  }
}

/**
 * Starts the servers, migrates, creates the streams, and starts the services; from then on restarts what ends. What
 * has been started is in `parts` at every moment, also when this throws.
 */
export async function startLocalStack(options: LocalStackOptions, parts: StartedParts): Promise<LocalStack> {
  const { folder, sources, progress } = options;
  await endLeftovers(folder.processes, progress);
  if (options.fresh) await emptyStackFolder(folder, sources);
  else await setAsideLeftBehind(folder, sources, progress);
  const secrets = stackSecrets(folder.secrets);
  const running: Part[] = [];
  const pids = () => pidsOf(running);
  let stack: LocalStack | undefined;
  const changed = () => {
    // Containers are not recorded: the next start removes a container that is left by its name.
    recordProcesses(folder.processes, pidsOf(running.filter(({ container }) => !container)));
    if (stack) options.changed(stack);
  };

  let databaseUrl = '';
  const servers = await startServers(
    {
      ...options,
      secrets,
      started: (server) => {
        running.push(server);
        parts.addServer(keepRunning(server, { progress, changed }));
        changed();
      },
    },
    {
      postgres: async (server) => {
        databaseUrl = await ensureDatabase(server);
        await options.migrate({ adminUrl: databaseUrl, rolePasswords: secrets.roles });
        progress('database migrated');
      },
      nats: async (server) => {
        await createStreams(server, { secrets, folder });
        progress('streams ready');
      },
    },
  );

  const gatewayPort = await portFor('gateway', options.gatewayPort, progress);
  const backofficePort = await portFor('backoffice', options.backofficePort, progress);
  const services = await createServices(options, {
    servers,
    databaseUrl,
    secrets,
    gatewayPort,
    backofficePort,
  });
  const starts = services.map(async (service) => {
    running.push(service);
    parts.addService(keepRunning(service, { progress, changed }));
    await service.restart();
    progress(`${service.name} ready`);
    changed();
  });
  await Promise.all(starts);
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  const urls = { gatewayUrl: urlOf(gatewayPort), backofficeUrl: urlOf(backofficePort) };
  stack = { ...urls, databaseUrl, servers, services, secrets, pids };
  return stack;
}

interface Surroundings {
  readonly servers: LocalServers;
  readonly databaseUrl: string;
  readonly secrets: StackSecrets;
  readonly gatewayPort: number;
  readonly backofficePort: number;
}

function createServices(options: LocalStackOptions, given: Surroundings): Promise<ServiceProcess[]> {
  const { root, folder, guardian } = options;
  return Promise.all(
    SERVICES.map(async (name) => {
      const opsPort = await freePort();
      const surroundings = {
        ...given,
        natsUrl: given.servers.nats.url,
        natsIsOurs: given.servers.nats.source !== 'url',
        redisUrl: given.servers.redis.url,
        httpPort: name === 'backoffice' ? given.backofficePort : given.gatewayPort,
        opsPort,
        logDir: folder.logs,
        inherited: options.environment,
      };
      const environment = serviceEnvironment(name, surroundings);
      const settings = serviceSettings(name, surroundings);
      return new ServiceProcess({
        name,
        root,
        logDir: folder.logs,
        opsPort,
        environment,
        settings,
        guardian,
      });
    }),
  );
}

function pidsOf(parts: readonly Part[]): Record<string, number> {
  return Object.fromEntries(parts.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])));
}
