import path from 'node:path';
import { parseOptions, USAGE, UsageError } from './options.ts';
import { formatSoak, leaksOf, writeSoak } from './report.ts';
import { runSoak } from './run.ts';

const SAMPLE_EVERY_MS = 5_000;
const LONGEST_FAULT_MS = 8_000;

async function main(): Promise<number> {
  const { help, folder, ...settings } = parseOptions(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedAt = performance.now();
  const progress = (line: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7);
    process.stdout.write(`[${seconds} s] ${line}\n`);
  };
  const report = await runSoak({
    ...settings,
    sampleEveryMs: SAMPLE_EVERY_MS,
    longestFaultMs: LONGEST_FAULT_MS,
    progress,
  });
  writeSoak(folder, report);
  process.stdout.write(`\n${formatSoak(report)}\nwritten to ${path.resolve(folder)}\n`);
  return report.chaos.discrepancies === 0 && leaksOf(report).length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
