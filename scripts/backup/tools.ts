import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { BackupError } from './folder.ts';

const run = promisify(execFile);
const LONGEST_MS = 6 * 3_600_000;

/** PostgreSQL's own tools: those of `binDir` (PG_BIN), of the same major version as the server, or of the PATH. */
export interface Tools {
  readonly binDir: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** Throws BackupError with what the tool said. */
export async function runTool({ binDir, environment }: Tools, name: string, args: readonly string[]) {
  const program = binDir ? path.join(binDir, name) : name;
  try {
    return (await run(program, args, { env: environment, timeout: LONGEST_MS })).stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new BackupError(`${program} was not found: install PostgreSQL's client programs, or set PG_BIN`, {
        cause,
      });
    throw new BackupError(`${name} failed: ${stderr.trim().split('\n').slice(-3).join('; ')}`, { cause });
  }
}

export const hasTool = ({ binDir }: Tools, name: string): boolean =>
  binDir === undefined || existsSync(path.join(binDir, name));
