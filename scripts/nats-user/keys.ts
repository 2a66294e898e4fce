import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';

/** Where a user's key is kept until it is handed over: named like the setting, as all secrets of a deployment are. */
export const seedFile = (folder: string, name: string): string =>
  path.join(folder, name === 'operator' ? 'migrate' : name, 'NATS_NKEY_SEED');

/** The public key of the seed in the folder; null if there is none (any more). */
export function publicKeyIn(folder: string, name: string): string | null {
  const file = seedFile(folder, name);
  if (!existsSync(file)) return null;
  return fromSeed(new TextEncoder().encode(readFileSync(file, 'utf8').trim())).getPublicKey();
}

/** Makes a key, for its owner's eyes alone; never over another. */
export function makeKey(folder: string, name: string): string {
  const key = createUser();
  const file = seedFile(folder, name);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${new TextDecoder().decode(key.getSeed())}\n`, { mode: 0o600, flag: 'wx' });
  return key.getPublicKey();
}

export function forgetKey(folder: string, name: string): void {
  rmSync(seedFile(folder, name), { force: true });
}
