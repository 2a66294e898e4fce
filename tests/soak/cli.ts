import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../scripts/options.ts';
import { FAULTS } from '../chaos/faults/fault.ts';
import { parseOptions, USAGE } from './options.ts';
import { reportOf, writeSoak } from './report.ts';
import { runSoak } from './run.ts';
import { SoakState } from './state.ts';

const SAMPLE_EVERY_MS = 5_000;
const HEAPS_EVERY_MS = 60_000;
const LONGEST_FAULT_MS = 8_000;
const SHOPS = 240;
const REPORT_EVERY_MS = 60_000;
/** For ending all processes in order; afterwards the guardian ends them. */
const END_WITHIN_MS = 20_000;

async function main(): Promise<number> {
  const { help, folder, atMostMinutes, ...settings } = parseOptions(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const state = new SoakState();
  const progress = (line: string) => {
    const seconds = ((Date.now() - state.startedAtMs) / 1_000).toFixed(1).padStart(7);
    process.stdout.write(`[${seconds} s] ${line}\n`);
  };
  const write = () => {
    const report = reportOf(settings, state);
    writeSoak(folder, report);
    return report;
  };
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const end = (why: string) => {
    state.stoppedBy ??= why;
    stop.abort(new Error(why));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));
  setTimeout(end, atMostMinutes * 60_000, `${atMostMinutes} minutes are over`).unref();
  const writing = setInterval(write, REPORT_EVERY_MS);
  const running = runSoak(
    {
      ...settings,
      faults: FAULTS,
      longestFaultMs: LONGEST_FAULT_MS,
      shops: SHOPS,
      sampleEveryMs: SAMPLE_EVERY_MS,
      heapsEveryMs: HEAPS_EVERY_MS,
      progress,
      stop: stop.signal,
    },
    state,
  ).catch((error: Error) => {
    if (stop.signal.aborted) return;
    state.stoppedBy = `it failed: ${error.message}`;
    process.stderr.write(`${error.stack}\n`);
  });
  await Promise.race([running, stopped]);
  clearInterval(writing);
  const { text, passed } = write();
  process.stdout.write(`\n${text}\nwritten to ${path.resolve(folder)}\n`);
  await Promise.race([running, sleep(END_WITHIN_MS, undefined, { ref: false })]);
  return passed ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
