import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AuditRun } from '@b2b-charge/contracts';

export interface CliMeasure {
  readonly run: AuditRun;
  /** From start to end of the process, in milliseconds. */
  readonly wallMs: number;
  /** The most memory that the process ever had, in MiB. */
  readonly peakMib: number;
}

const CLI = path.join(import.meta.dirname, '../../services/reconciler/src/cli.ts');
const SAMPLE_MS = 20;

/** Runs `npm run reconcile` as an operator does, and watches its memory from outside. */
export async function measureCli(
  environment: Record<string, string>,
  options: readonly string[],
): Promise<CliMeasure> {
  const begun = performance.now();
  const child = spawn(process.execPath, [CLI, '--json', ...options], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peakMib = 0;
  const sampler = setInterval(() => {
    peakMib = Math.max(peakMib, peakOf(child.pid!));
  }, SAMPLE_MS);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(sampler);
  if (status !== 0) throw new Error(`the audit ended with status ${status}: ${text.slice(0, 2_000)}`);
  const { run } = JSON.parse(text) as { run: AuditRun };
  return { run, wallMs: performance.now() - begun, peakMib };
}

/** The kernel's own high-water mark; 0 when the process is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
