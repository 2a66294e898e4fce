import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../scripts/options.ts';
import { unpackRelease } from '../../tests/upgrade/previous-release.ts';
import { ROOT } from '../harness/stage.ts';

export interface Variant extends Disposable {
  readonly label: 'a' | 'b';
  /** The words given; for a revision with its commit. */
  readonly title: string;
  /** Root of the checkout whose services run. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes a variant of its words; a revision is unpacked into a folder that goes with it. Throws UsageError. */
export function openVariant(label: Variant['label'], text: string): Variant {
  // A word that begins with a dash goes on with the value before it.
  const words = text.split(/\s+(?!-)/).filter((word) => word !== '');
  const places = words.filter((word) => !/^[A-Z][A-Z0-9_]*=/.test(word));
  if (places.length > 1)
    throw new UsageError(`--${label} ${text}: name one revision or folder, not ${places.length}`);
  const environment = Object.fromEntries(
    words
      .filter((word) => !places.includes(word))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  const sources = sourcesAt(label, places[0] ?? '.');
  const { root } = sources;
  const parts = [sources.title, ...words.filter((word) => !places.includes(word))];
  const variant = { label, title: parts.join(' '), root, environment, [Symbol.dispose]: sources.dispose };
  const other = otherSchema(root);
  if (other !== null) {
    sources.dispose();
    throw new UsageError(
      `--${label} ${text}: ${other} is not as in this checkout; start the pair from a checkout with that database schema`,
    );
  }
  return variant;
}

function sourcesAt(
  label: Variant['label'],
  place: string,
): { root: string; title: string; dispose: () => void } {
  const folder = path.resolve(place);
  if (place === '.') return { root: ROOT, title: 'this checkout', dispose: () => {} };
  if (existsSync(path.join(folder, 'services/gateway/src/main.ts'))) {
    if (!existsSync(path.join(folder, 'node_modules')))
      throw new UsageError(`--${label} ${place}: run npm ci in that folder first`);
    return { root: folder, title: place, dispose: () => {} };
  }
  let commit: string;
  try {
    commit = execFileSync('git', ['rev-parse', '--verify', '--quiet', `${place}^{commit}`], {
      cwd: ROOT,
      encoding: 'utf8',
    }).trim();
  } catch {
    throw new UsageError(`--${label} ${place}: neither a git revision nor the folder of a checkout`);
  }
  const release = unpackRelease(commit);
  return {
    root: release.root,
    title: `${place} (${commit.slice(0, 7)})`,
    dispose: () => release[Symbol.dispose](),
  };
}

const MIGRATIONS = 'services/*/src/db/migrations/*.sql';

/** The first migration that is not the same in both checkouts; null if all are. */
function otherSchema(root: string): string | null {
  const files = new Set([...globSync(MIGRATIONS, { cwd: ROOT }), ...globSync(MIGRATIONS, { cwd: root })]);
  const text = (of: string, file: string) =>
    existsSync(path.join(of, file)) ? readFileSync(path.join(of, file), 'utf8') : null;
  return [...files].toSorted().find((file) => text(ROOT, file) !== text(root, file)) ?? null;
}
