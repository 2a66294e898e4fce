import { UsageError } from '../../scripts/options.ts';
import type { Drill, DrillOptions, DrillResult } from './drill.ts';
import { DRILLS } from './index.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatTable, type RunDrill } from './report.ts';

async function main(): Promise<number> {
  const { help, list, drills, ...settings } = parseOptions(process.argv.slice(2), process.env);
  if (help) process.stdout.write(USAGE);
  if (list) for (const { name, what } of DRILLS) process.stdout.write(`${name.padEnd(20)}  ${what}\n`);
  if (help || list) return 0;
  const done: RunDrill[] = [];
  for (const drill of drills) done.push(await run(drill, settings));
  process.stdout.write(`\n${formatTable(done)}\n`);
  return done.every(({ result }) => result.findings.length === 0 && result.audit === 'clean') ? 0 : 1;
}

async function run(drill: Drill, settings: Omit<DrillOptions, 'progress'>): Promise<RunDrill> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const progress = (line: string) =>
    process.stdout.write(`[${drill.name} ${seconds().toFixed(1).padStart(6)} s] ${line}\n`);
  progress(drill.what);
  const result = await drill.run({ ...settings, progress }).catch(failed);
  for (const finding of result.findings) progress(`FINDING ${finding}`);
  return { name: drill.name, seconds: seconds(), result };
}

const failed = (error: Error): DrillResult => ({
  lost: 0,
  doubled: 0,
  longestPauseMs: 0,
  audit: 'FAILED',
  findings: [String(error.stack)],
});

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
