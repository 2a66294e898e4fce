import { globSync } from 'node:fs';
import path from 'node:path';
import { type FetchOptions, unpackDebian } from '../servers/debian-package.ts';

/**
 * Returns the path of datefudge's library, from Debian's package unpacked into the cache folder. Preloaded, it shifts
 * the time of day and nothing else. libfaketime takes its shift back inside signal handlers, so that no time-out of
 * PostgreSQL fires, and it hangs Redis and Chromium.
 */
export async function findDatefudge(options: FetchOptions): Promise<string> {
  const root = await unpackDebian('datefudge', async () => ['datefudge'], options);
  const [library] = globSync('usr/lib/*/datefudge/datefudge.so', { cwd: root });
  if (!library) throw new Error(`Debian's package of datefudge has no library in ${root}`);
  return path.join(root, library);
}
