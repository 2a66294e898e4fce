import { spawn } from 'node:child_process';
import path from 'node:path';
import {
  debianPostgresFolders,
  executables,
  findDatefudge,
  serverSources,
  startGuardian,
} from '@b2b-charge/stack';

const USAGE = `usage: npm run test:clock -- <time> [vitest's arguments]

Runs tests under a clock that starts at <time>, for example:
  npm run test:clock -- 2028-02-29 tests/ledger/plans
  npm run test:clock -- 2026-12-31T23:58+03:30 tests/gateway
  BUSINESS_TIMEZONE=Europe/Berlin npm run test:clock -- 2027-03-28T00:59Z tests/credits
`;

const ROOT = path.dirname(import.meta.dirname);
const MAIN = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
/** Fails when PostgreSQL or a child process has another clock: without it a run could pass by the real time. */
const PROOF = 'tests/system/one-clock.system.test.ts';

/** The clock's settings: an offset, so that every process has the same clock whenever it starts. */
async function clockOf(startMs: number): Promise<Record<string, string>> {
  const guardian = startGuardian();
  try {
    const progress = (line: string) => console.error(line);
    return {
      LD_PRELOAD: await findDatefudge({ sources: serverSources(process.env), guardian, progress }),
      // Seconds that are taken from the real time.
      DATEFUDGE: String(Math.round((Date.now() - startMs) / 1_000)),
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${import.meta.resolve('./clock/pass-on.ts')}`,
    };
  } finally {
    await guardian.close();
  }
}

/** The source of a PostgreSQL that runs as a process of this machine. */
function localPostgres(): string {
  const folders = [...serverSources(process.env).path, ...debianPostgresFolders()];
  return executables('postgres', folders).length > 0 ? 'binary' : 'npm';
}

const [time, ...args] = process.argv.slice(2);
const startMs = Date.parse(time ?? '');
if (Number.isNaN(startMs)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  // A server given by URL keeps its own clock, and so does one in a container.
  const { DATABASE_URL, REDIS_URL, ...environment } = process.env;
  const files = args.some((arg) => !arg.startsWith('-') && arg.includes('/')) ? [PROOF] : [];
  const running = spawn(process.execPath, [MAIN, 'run', ...args, ...files], {
    cwd: ROOT,
    env: { STACK_SERVERS: localPostgres(), ...environment, ...(await clockOf(startMs)) },
    stdio: 'inherit',
  });
  process.exitCode = await new Promise<number>((resolve) =>
    running.once('exit', (code) => resolve(code ?? 1)),
  );
}
