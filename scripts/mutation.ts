import path from 'node:path';
import { Stryker } from '@stryker-mutator/core';

const USAGE = `usage: npm run test:mutation -- [area ...]

Changes the code of an area at one place at a time, and fails if the area's unit tests notice less than 85 % of the
changes. Without an area it takes all, one after another. Lists the changes that no test noticed; the same as a page:
.local/mutation/<area>.html.

Areas: `;

/** Per cent of the changes that the tests must notice. */
const LEAST_SCORE = 85;
/** A change that makes a test this much slower than usual, in ms, counts as noticed. */
const SLOWER_MS = 20_000;

interface Area {
  /** The code that is changed; its tests stand beside it. */
  readonly code: string;
  readonly tests: string;
}

const AREAS: Readonly<Record<string, Area>> = {
  'ledger-domain': {
    code: 'services/ledger/src/domain/**/*.ts',
    tests: 'services/ledger/src/domain/**/*.test.ts',
  },
  'commit-batch': {
    code: 'services/ledger/src/process/commit-batch.ts',
    tests: 'services/ledger/src/process/{commit-batch,refused-batch}.test.ts',
  },
  recovery: {
    code: 'services/ledger/src/recovery/*.ts',
    tests: 'services/ledger/src/recovery/*.test.ts',
  },
  contracts: { code: 'packages/contracts/src/*.ts', tests: 'packages/contracts/src/*.test.ts' },
  'reconciler-domain': {
    code: 'services/reconciler/src/domain/*.ts',
    tests: 'services/reconciler/src/domain/*.test.ts',
  },
};

/** Sets the exit code to 1 if the score is below LEAST_SCORE. */
async function mutate(name: string, { code, tests }: Area): Promise<void> {
  process.env.MUTATION_TESTS = tests;
  // The histories of the domain's property test: random, and far more than a mutant needs.
  process.env.RUNS ??= '40';
  console.log(`\n== ${name}`);
  await new Stryker({
    mutate: [code, '!**/*.test.ts'],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutation.config.ts' },
    plugins: ['@stryker-mutator/vitest-runner'],
    // Stryker would rewrite the paths in it with an API that TypeScript 7 does not have.
    tsconfigFile: 'none',
    ignorePatterns: ['.local', '/bench', '/deploy', '/docs', '/examples'],
    tempDirName: '.local/stryker',
    concurrency: 2,
    force: true,
    timeoutMS: SLOWER_MS,
    thresholds: { high: 95, low: LEAST_SCORE, break: LEAST_SCORE },
    reporters: ['clear-text', 'html'],
    clearTextReporter: { reportTests: false, allowColor: false },
    htmlReporter: { fileName: path.join('.local/mutation', `${name}.html`) },
    allowConsoleColors: false,
  }).runMutationTest();
}

const asked = process.argv.slice(2);
if (asked.some((name) => !(name in AREAS))) {
  process.stderr.write(`${USAGE}${Object.keys(AREAS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : Object.keys(AREAS)) await mutate(name, AREAS[name]!);
}
