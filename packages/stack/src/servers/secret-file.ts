import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What the file holds; made by `create` and kept for its owner's eyes only if there is none. */
export function secretFile(file: string, create: () => string = randomPassword): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = create();
  writePrivate(file, `${secret}\n`);
  return secret;
}

export function writePrivate(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  // The mode above counts only for a file that is made now.
  chmodSync(file, 0o600);
}

/** 32 characters that need no quoting in a URL, a configuration file or SQL. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
