import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
  // Services and tools are started by many tests: their sources are stripped of their types once a run.
  const compiled = mkdtempSync(path.join(tmpdir(), 'b2b-charge-compiled-'));
  process.env.NODE_COMPILE_CACHE = compiled;
  const running = await startTestServers(process.env, migrate);
  project.provide('servers', running.servers);
  return async () => {
    await running[Symbol.asyncDispose]();
    rmSync(compiled, { recursive: true, force: true });
  };
}
