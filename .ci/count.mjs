import { readFileSync } from 'node:fs';

/** Sums vitest's JSON reports into one last line; exit code 1 if a test failed or a report has none. */
let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  // A run that was ended at its bound leaves no report.
  const report = text ? JSON.parse(text) : { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  // A file that cannot be loaded holds no test.
  const unloadable = report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  );
  const ran = report.numPassedTests + report.numFailedTests + unloadable.length > 0;
  passed += report.numPassedTests;
  failed += report.numFailedTests + unloadable.length + (ran ? 0 : 1);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
