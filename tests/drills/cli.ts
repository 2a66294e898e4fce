import { parseArgs } from 'node:util';
import type { DrillResult } from './drill.ts';
import { DRILLS } from './index.ts';

const USAGE = `Usage: npm run drills -- [--only NAME] [--list] [--seconds N] [--nats-binary PATH]

Starts servers and services of its own, breaks them under load, and proves the books: one table at the end. Exit code 0
if nothing was lost or doubled and the audits are clean.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '8' },
    'nats-binary': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const wanted = DRILLS.filter(({ name }) => !values.only || values.only.includes(name));
if (values.help || wanted.length === 0) process.stdout.write(USAGE);
if (values.list) for (const { name, what } of DRILLS) process.stdout.write(`${name.padEnd(24)} ${what}\n`);
if (!values.help && !values.list) process.exitCode = await runAll();

async function runAll(): Promise<number> {
  const rows: string[][] = [['drill', 'lost', 'doubled', 'longest pause', 'audit', 'duration']];
  let failed = wanted.length === 0;
  for (const drill of wanted) {
    const startedAt = performance.now();
    const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(1);
    const progress = (line: string) =>
      process.stdout.write(`[${drill.name} ${seconds().padStart(6)} s] ${line}\n`);
    progress(drill.what);
    const options = {
      sellMs: Number(values.seconds) * 1_000,
      natsBinary: values['nats-binary'] ?? process.env.NATS_SERVER_BIN,
      progress,
    };
    const result = await drill.run(options).catch((error: Error): DrillResult => {
      return { lost: 0, doubled: 0, longestPauseMs: 0, audit: 'FAILED', findings: [String(error.stack)] };
    });
    for (const finding of result.findings) progress(`FINDING ${finding}`);
    failed ||= result.findings.length > 0 || result.audit !== 'clean';
    const pause = `${(result.longestPauseMs / 1_000).toFixed(1)} s`;
    rows.push([
      drill.name,
      String(result.lost),
      String(result.doubled),
      pause,
      result.audit,
      `${seconds()} s`,
    ]);
  }
  process.stdout.write(
    `\n${rows.map((row) => row.map((cell, i) => cell.padEnd([26, 6, 9, 15, 14, 9][i]!)).join('')).join('\n')}\n`,
  );
  return failed ? 1 : 0;
}
