import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './compose-file.ts';

export interface TrialSecrets extends Disposable {
  readonly folder: string;
  make(...options: string[]): void;
}

/** A folder of secrets as deploy/compose/make-secrets.ts makes it. */
export function trialSecrets(): TrialSecrets {
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-secrets-'));
  const make = (...options: string[]) => {
    const script = path.join(ROOT, 'deploy/compose/make-secrets.ts');
    execFileSync(process.execPath, [script, folder, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  make();
  return { folder, make, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * The environment of a container as this machine would have it: where a variable names a file of a mounted secret, the
 * file that `find` says it is. Throws if there is no such file.
 */
export function onThisMachine(
  env: Readonly<Record<string, string>>,
  find: (mounted: string) => string,
): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) => {
    if (!name.endsWith('_FILE')) return [name, value];
    const file = find(value);
    if (!existsSync(file)) throw new Error(`${name}: nothing makes ${value}`);
    return [name, file];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
