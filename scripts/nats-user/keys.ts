import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

const formerFile = (folder: string, name: string): string =>
  path.join(path.dirname(seedFile(folder, name)), 'NATS_FORMER_PUBLIC_KEY');

/** The key that is still let in beside the new one, until its owner has the new one; null if there is none. */
export function formerKeyIn(folder: string, name: string): string | null {
  const file = formerFile(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** Makes another key in place of the seed in the folder, and keeps the one of before as the former. Returns the new one. */
export function replaceKey(folder: string, name: string, former: string): string {
  const file = seedFile(folder, name);
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(formerFile(folder, name), `${former}\n`, { mode: 0o600 });
  forgetKey(folder, name);
  const key = makeKey(folder, name);
  chmodSync(file, mode);
  return key;
}

export function forgetFormerKey(folder: string, name: string): void {
  rmSync(formerFile(folder, name), { force: true });
}

export function forgetKey(folder: string, name: string): void {
  rmSync(seedFile(folder, name), { force: true });
}
