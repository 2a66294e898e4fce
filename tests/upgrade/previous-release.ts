import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { SERVICES } from '@b2b-charge/contracts';
import { type MigrateOptions, migrate } from '../../scripts/migrate.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const OURS = '@b2b-charge';
const WITHIN_MS = 60_000;
const run = promisify(execFile);

/** The previous release's sources, in a folder of their own; the libraries are today's. */
export interface PreviousRelease extends Disposable {
  readonly root: string;
  /** Brings a database to that release's schema, by that release's own tool. */
  migrate(options: MigrateOptions): Promise<void>;
}

/** Returns why the recorded release cannot be unpacked, as in an export or a shallow clone; null if it can. */
export function whyNoHistory(commit: string): string | null {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{tree}`], { cwd: ROOT, stdio: 'ignore' });
    return null;
  } catch {
    return `no history that holds ${commit.slice(0, 7)}`;
  }
}

/** Before the first release today's sources stand for it. */
export const currentSources = (): PreviousRelease => ({ root: ROOT, migrate, [Symbol.dispose]: () => {} });

/** Unpacks a release out of the history. */
export function unpackRelease(commit: string): PreviousRelease {
  const root = mkdtempSync(path.join(tmpdir(), 'b2b-charge-previous-'));
  const sources = execFileSync(
    'git',
    ['archive', commit, 'package.json', 'packages', 'services', 'scripts'],
    { cwd: ROOT, maxBuffer: 256 * 1024 ** 2 },
  );
  execFileSync('tar', ['-x', '-C', root], { input: sources });
  linkLibraries(root);
  return {
    root,
    migrate: async ({ adminUrl, rolePasswords = {} }) => {
      const passwords = SERVICES.flatMap((service) => {
        const password = rolePasswords[service];
        return password === undefined ? [] : [[`${service.toUpperCase()}_DATABASE_PASSWORD`, password]];
      });
      await run(process.execPath, [path.join(root, 'scripts/b2b.ts'), 'migrate'], {
        cwd: root,
        env: { PATH: process.env.PATH, DATABASE_URL: adminUrl, ...Object.fromEntries(passwords) },
        timeout: WITHIN_MS,
      });
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Its own packages under their names, everything else from here. */
function linkLibraries(root: string): void {
  const to = path.join(root, 'node_modules');
  mkdirSync(path.join(to, OURS), { recursive: true });
  for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
    if (name !== OURS) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(to, name));
  }
  for (const folder of ['packages', 'services']) {
    for (const name of readdirSync(path.join(root, folder))) {
      const home = path.join(root, folder, name);
      const manifest = path.join(home, 'package.json');
      if (!existsSync(manifest)) continue;
      symlinkSync(home, path.join(to, JSON.parse(readFileSync(manifest, 'utf8')).name));
    }
  }
}
