import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** PostgreSQL refuses to run as root; these users exist on common systems, best first. */
const USERS = ['postgres', 'nobody'];

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export class NoUserError extends Error {
  override name = 'NoUserError';
}

/** The user to run PostgreSQL as; undefined when we are not root and may stay who we are. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const user of USERS) {
    const entry = entries.find(([name]) => name === user);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new NoUserError(`PostgreSQL does not run as root, and there is no user ${USERS.join(' or ')}`);
}

/** Whether any user can get at what is in the folder; checked on the part of the path that exists. */
export function isOpenToAll(folder: string): boolean {
  for (let part = path.resolve(folder); ; part = path.dirname(part)) {
    const mode = statSync(part, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return false;
    if (part === path.dirname(part)) return true;
  }
}
