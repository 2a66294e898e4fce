import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Which tests run against a mutant: scripts/mutation.ts names the area's, separated by commas. */
const { MUTATION_TESTS = '' } = process.env;

/** What Stryker runs in its copy of the repository: unit tests alone, one file after another. */
export default defineConfig({
  resolve: {
    // The copy's node_modules lead back to the original, which has no mutants.
    alias: { '@b2b-charge/contracts': path.join(import.meta.dirname, 'packages/contracts/src/index.ts') },
  },
  test: {
    include: MUTATION_TESTS.split(','),
    exclude: ['**/node_modules/**', '**/*.{system,fleet,campaign}.test.ts'],
    testTimeout: 30_000,
  },
});
