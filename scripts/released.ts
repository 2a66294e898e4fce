import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.dirname(import.meta.dirname);
const FILE = path.join(import.meta.dirname, 'released.json');
const MIGRATION = /^services\/[a-z]+\/src\/db\/migrations\/\d{4}-[^/]+\.(sql|ts)$/;

const HELP = `npm run released -- …: the newest release, for the upgrade test and for the guard against edited migrations.

  --check            fails if a released migration was edited or removed, because databases have run it
  --record COMMIT    records COMMIT as the newest release: its migrations are never edited again`;

export interface Released {
  /** Null until the first release is recorded. */
  readonly commit: string | null;
  /** SHA-256 of each migration, by its path. */
  readonly migrations: Readonly<Record<string, string>>;
}

export const released = (): Released => JSON.parse(readFileSync(FILE, 'utf8'));

/** Returns the hash of each migration among the files. */
export const hashMigrations = (files: readonly string[], read: (file: string) => string) =>
  Object.fromEntries(
    files.filter((file) => MIGRATION.test(file)).map((file) => [file, hash('sha256', read(file))]),
  );

/** Returns the released migrations that were edited or removed. `read` throws when a file is missing. */
export function editedMigrations({ migrations }: Released, read: (file: string) => string): string[] {
  return Object.entries(migrations).flatMap(([file, expected]) => {
    let text: string;
    try {
      text = read(file);
    } catch {
      return [`${file}: was released and is missing`];
    }
    return hash('sha256', text) === expected
      ? []
      : [`${file}: was released and is edited: add another migration`];
  });
}

function record(revision: string): Released {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`).trim();
  const files = git('ls-tree', '-r', '--name-only', commit, 'services').split('\n');
  return { commit, migrations: hashMigrations(files, (file) => git('show', `${commit}:${file}`)) };
}

function main([option, revision]: readonly string[]): number {
  if (option === '--check') {
    const problems = editedMigrations(released(), (file) => readFileSync(path.join(ROOT, file), 'utf8'));
    for (const problem of problems) console.error(problem);
    return problems.length === 0 ? 0 : 1;
  }
  if (option === '--record' && revision) {
    const release = record(revision);
    writeFileSync(FILE, `${JSON.stringify(release, null, 2)}\n`);
    console.log(`${release.commit}: ${Object.keys(release.migrations).length} migrations`);
    return 0;
  }
  console.log(HELP);
  return option === '--help' ? 0 : 2;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
