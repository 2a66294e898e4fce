import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { executables } from './binaries.ts';
import { SourceUnavailableError } from './choose-source.ts';
import type { ServerOptions } from './server.ts';

const UPDATE_TIMEOUT_MS = 180_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;
const UNPACK_TIMEOUT_MS = 120_000;

/** The C library belongs to the system's own loader; another one beside it crashes every program. */
const NEVER_UNPACKED = /^(libc6|libc-bin|libc-l10n|locales)_/;

export type FetchOptions = Pick<ServerOptions, 'sources' | 'guardian' | 'progress'>;
type PackageNames = (aptCache: (...args: string[]) => Promise<string>) => Promise<readonly string[]>;

/**
 * Debian packages with the libraries that the machine lacks, unpacked into the cache folder: no root, nothing
 * installed. Returns the folder that stands for "/". `packages` may depend on the release, so it is asked with the
 * means to look it up.
 */
export async function unpackDebian(
  key: string,
  packages: PackageNames,
  options: FetchOptions,
): Promise<string> {
  const { sources, guardian, progress } = options;
  const root = path.join(sources.cacheDir, `${key}-${release()}-${process.arch}`);
  if (existsSync(root)) return root;
  for (const tool of ['apt-get', 'apt-cache', 'dpkg-deb']) {
    if (executables(tool, sources.path).length === 0) throw new SourceUnavailableError(`no ${tool} here`);
  }
  mkdirSync(sources.cacheDir, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(path.join(sources.cacheDir, '.unpacking-'));
  guardian.removeAtEnd(work);
  try {
    progress?.(`fetching Debian's ${key}`);
    const archives = await download(work, packages, options);
    const unpacked = path.join(work, 'root');
    mkdirSync(unpacked, { mode: 0o755 });
    for (const archive of archives) {
      if (NEVER_UNPACKED.test(path.basename(archive))) continue;
      await runCommand('dpkg-deb', ['--extract', archive, unpacked], {
        timeoutMs: UNPACK_TIMEOUT_MS,
        environment: sources.environment,
        guardian,
      });
    }
    // In one step: another process may be doing the same, and a half-unpacked folder must never be found.
    if (!existsSync(root)) renameSync(unpacked, root);
    return root;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Library folders of an unpacked tree, as LD_LIBRARY_PATH. */
export function libraryPath(root: string): string {
  const patterns = ['lib', 'lib/*-linux-*', 'usr/lib', 'usr/lib/*-linux-*', 'usr/lib/*-linux-*/*'];
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((folder) => path.join(root, folder))
    .filter((folder) => statSync(folder).isDirectory())
    .filter((folder) => readdirSync(folder).some((file) => file.includes('.so')))
    .join(':');
}

/** apt-get itself finds what is missing; it is told to keep lists and archives in our folder, and to take no lock. */
async function download(
  work: string,
  packages: PackageNames,
  { sources, guardian }: FetchOptions,
): Promise<string[]> {
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(path.join(work, folder), { recursive: true });
  const ours = [
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${work}/archives`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=',
  ].flatMap((setting) => ['-o', setting]);
  const environment = { ...sources.environment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const apt = (tool: string, args: readonly string[], timeoutMs: number) =>
    runCommand(tool, [...ours, ...args], { timeoutMs, environment, guardian });
  await apt('apt-get', ['-qq', 'update'], UPDATE_TIMEOUT_MS);
  const names = await packages((...args) => apt('apt-cache', args, UPDATE_TIMEOUT_MS));
  // With --reinstall also what the system has installed is fetched: the caller may want the package all the same.
  const install = ['-qq', '--yes', '--no-install-recommends', '--download-only', '--reinstall', 'install'];
  await apt('apt-get', [...install, ...names], DOWNLOAD_TIMEOUT_MS);
  return globSync('archives/*.deb', { cwd: work }).map((file) => path.join(work, file));
}

function release(): string {
  try {
    const fields = readFileSync('/etc/os-release', 'utf8');
    const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(fields)?.[1] ?? '';
    return `${field('ID')}${field('VERSION_ID')}`;
  } catch (cause) {
    throw new SourceUnavailableError('not a Debian system', { cause });
  }
}
