import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { type Found, SourceUnavailableError } from './choose-source.ts';
import type { ServerSources } from './sources.ts';

const VERSION_TIMEOUT_MS = 10_000;

/** Paths of the executables of that name in the folders given. */
export function executables(name: string, folders: readonly string[]): string[] {
  return folders.map((folder) => path.join(folder, name)).filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What it says of itself to --version, as "17.2" or "2.9.10". */
export async function versionOf(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const said = await runCommand(program, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS, environment });
  const version = /(\d+(?:\.\d+)+|\d+)/.exec(said)?.[1];
  if (!version) throw new SourceUnavailableError(`${program} does not tell its version`);
  return version;
}

/** A binary in the PATH or in the usual folders, or the one that the caller named. */
export async function findBinary(name: string, sources: ServerSources, named?: string): Promise<Found> {
  const program = named ?? executables(name, sources.path)[0];
  if (!program) throw new SourceUnavailableError(`no ${name} in the PATH`);
  return { source: 'binary', program, version: await versionOf(program, sources.environment) };
}

/** The bin folders of Debian's PostgreSQL packages, the newest first. */
export function debianPostgresFolders(root = '/'): string[] {
  const parent = path.join(root, 'usr/lib/postgresql');
  try {
    return readdirSync(parent)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => path.join(parent, version, 'bin'));
  } catch {
    return [];
  }
}
