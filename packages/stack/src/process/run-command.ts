import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Guardian } from '../guardian/guardian.ts';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 ** 2;
const ERROR_LINES = 5;

interface CommandOptions {
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Ends it when we are gone; for what takes longer than a moment. */
  readonly guardian?: Guardian;
}

export class CommandError extends Error {
  override name = 'CommandError';
}

/** Runs a program to its end and returns its output. Throws CommandError with the last lines of what it said. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { timeoutMs, environment, cwd = '/', guardian, ...user }: CommandOptions,
): Promise<string> {
  const options = { timeout: timeoutMs, env: environment, cwd, maxBuffer: MAX_OUTPUT_BYTES, ...user };
  const running = run(command, args, options);
  const { pid } = running.child;
  if (pid !== undefined) guardian?.watch({ pid, signal: 'SIGTERM', stage: 0 });
  try {
    return (await running).stdout;
  } catch (cause) {
    const { stderr = '', killed, code } = cause as { stderr?: string; killed?: boolean; code?: unknown };
    const said = stderr.trim().split('\n').slice(-ERROR_LINES).join('\n');
    const reason = killed
      ? `no end within ${timeoutMs / 1000} s`
      : code === 'ENOENT'
        ? 'not found'
        : `failed (${code})`;
    throw new CommandError(`${command} ${reason}${said ? `: ${said}` : ''}`, { cause });
  } finally {
    if (pid !== undefined) guardian?.release(pid);
  }
}
