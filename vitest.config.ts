import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['packages/stack/src/test-servers.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Servers, services and browsers share the machine with the tests.
    maxWorkers: 2,
    pool: 'forks',
  },
});
