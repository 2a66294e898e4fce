import path from 'node:path';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Servers, services and browsers share the machine with the tests. */
const WORKERS = 2;

/** Which files a project runs is said by their names alone: `npm run check` refuses any other ending. */
const project = (name: string, include: string, settings: object): TestProjectConfiguration => ({
  extends: true,
  test: { name, include: [include], ...settings },
});

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Tests start services and tools again and again: their types are stripped once.
    env: { NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules/.cache/compiled') },
    projects: [
      project('unit', '**/*.test.ts', {
        exclude: ['**/node_modules/**', '**/*.{system,fleet,campaign}.test.ts'],
        pool: 'threads',
        maxWorkers: WORKERS,
        // The next file starts with the modules of the last one, which keep no state.
        isolate: false,
      }),
      project('system', '**/*.system.test.ts', {
        globalSetup: ['packages/stack/src/test-servers.ts'],
        maxWorkers: WORKERS,
        isolate: false,
        sequence: { groupOrder: 1 },
      }),
      // Each of these starts more processes than there are cores, and measures how long they take.
      project('fleet', '**/*.fleet.test.ts', { maxWorkers: 1, sequence: { groupOrder: 2 } }),
      project('campaign', '**/*.campaign.test.ts', { maxWorkers: 1, sequence: { groupOrder: 3 } }),
    ],
  },
});
