import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.dirname(import.meta.dirname);
const WITHIN_MS = 60_000;

/** How a command-line tool ended; status is null if it had to be ended. */
export interface ToolRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface ToolOptions {
  /** All that it finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly withinMs?: number;
}

/** Runs `b2b` as an operator does. */
export const runB2b = (args: readonly string[], options: ToolOptions): Promise<ToolRun> =>
  runTool('scripts/b2b.ts', args, options);

/** Runs one of our command-line tools, by its file in the repository, as an operator does. */
export async function runTool(
  file: string,
  args: readonly string[],
  { env, input = '', withinMs = WITHIN_MS }: ToolOptions,
): Promise<ToolRun> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [path.join(ROOT, file), ...args], {
    env: { PATH, NODE_COMPILE_CACHE, ...env },
    timeout: withinMs,
  });
  // Whoever refuses its arguments does not wait for the input.
  child.stdin.on('error', () => {}).end(input);
  const parts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      parts[name] += text;
    });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { status, ...parts };
}
