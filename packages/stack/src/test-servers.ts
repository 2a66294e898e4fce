import type { TestProject } from 'vitest/node';
import { migrate } from '../../../scripts/migrate.ts';
import { startTestServers, type TestServers } from './testing/start-test-servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers;
  }
}

/** vitest's globalSetup: the servers of one run, for `inject('servers')`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = await startTestServers(process.env, migrate);
  project.provide('servers', running.servers);
  return async () => await running[Symbol.asyncDispose]();
}
