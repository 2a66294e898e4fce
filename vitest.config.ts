import path from 'node:path';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Two cores are enough. Servers, services and browsers share them with the tests. */
const WORKERS = 2;
/** One more than cores, because these tests wait for servers half of their time. */
const SYSTEM_WORKERS = 3;

/** In .local lie copies of the tests, whose code Stryker changes. */
const EXCLUDED = ['**/node_modules/**', '.local/**'];

/** Which files a project runs is said by their names alone: `npm run check` refuses any other ending. */
const project = (name: string, include: string, settings: object): TestProjectConfiguration => ({
  extends: true,
  test: { name, include: [include], ...settings },
});

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    exclude: EXCLUDED,
    // A test that came to no assertion, for example in a loop over nothing, fails.
    expect: { requireAssertions: true, poll: { timeout: 10_000 } },
    // Tests start services and tools again and again: their types are stripped once.
    env: { NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules/.cache/compiled') },
    projects: [
      project('unit', '**/*.test.ts', {
        exclude: [...EXCLUDED, '**/*.{system,fleet,campaign}.test.ts'],
        pool: 'threads',
        maxWorkers: WORKERS,
        // The next file starts with the modules of the last one, which keep no state.
        isolate: false,
      }),
      project('system', '**/*.system.test.ts', {
        globalSetup: ['packages/stack/src/test-servers.ts'],
        maxWorkers: SYSTEM_WORKERS,
        isolate: false,
        sequence: { groupOrder: 1 },
      }),
      // Each of these starts more processes than there are cores, which mostly wait: two at once leave a third of the
      // time idle. The times that they measure have bounds of seconds.
      project('fleet', '**/*.fleet.test.ts', { maxWorkers: WORKERS, sequence: { groupOrder: 2 } }),
      project('campaign', '**/*.campaign.test.ts', { maxWorkers: 1, sequence: { groupOrder: 3 } }),
    ],
  },
});
