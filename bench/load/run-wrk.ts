import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { executables } from '@b2b-charge/stack';
import { z } from 'zod';
import { vendorToken } from './charges.ts';

interface WrkLoad {
  readonly url: string;
  readonly connections: number;
  readonly vendors: number;
  readonly seconds: number;
  readonly prefix: string;
}

/** Latencies in milliseconds; `refused` are answers of 400 and above, `broken` are connections without one. */
const result = z.object({
  requests: z.number(),
  seconds: z.number(),
  refused: z.number(),
  broken: z.number(),
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

const GRACE_MS = 30_000;

export const findWrk = (): string | undefined =>
  executables('wrk', (process.env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute))[0];

/** Runs wrk on the service; `started` gets its pid. Throws Error if it ends without a result or takes too long. */
export async function runWrk(
  program: string,
  { url, connections, vendors, seconds, prefix }: WrkLoad,
  started: (pid: number) => Promise<void>,
): Promise<z.output<typeof result>> {
  const tokens = Array.from({ length: vendors }, (_, index) => vendorToken(index + 1));
  const script = path.join(import.meta.dirname, 'wrk.lua');
  const child = spawn(program, ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '-s', script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH,
      TOKENS: tokens.join(','),
      KEY_PREFIX: prefix,
    },
    timeout: seconds * 1_000 + GRACE_MS,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const closed = once(child, 'close');
  if (child.pid !== undefined) await started(child.pid);
  await closed;
  const [, line] = /^RESULT (.*)$/m.exec(output) ?? [];
  if (line === undefined) throw new Error(`wrk ended without a result: ${output.slice(-500)}`);
  return result.parse(JSON.parse(line));
}
