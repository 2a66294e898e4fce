import { writeFileSync } from 'node:fs';
import { UsageError } from '../../scripts/options.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatReport } from './report.ts';
import { runChaos } from './run.ts';

const GAP_MS = [500, 6_000] as const;
const LONGEST_FAULT_MS = 8_000;

async function main(): Promise<number> {
  const settings = parseOptions(process.argv.slice(2), process.env);
  if (settings.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedAt = performance.now();
  const progress = (line: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7);
    process.stdout.write(`[${seconds} s] ${line}\n`);
  };
  const report = await runChaos({ ...settings, gapMs: GAP_MS, longestFaultMs: LONGEST_FAULT_MS, progress });
  process.stdout.write(`${formatReport(report)}\n`);
  if (settings.reportFile) writeFileSync(settings.reportFile, `${JSON.stringify(report, null, 2)}\n`);
  return report.discrepancies === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
