import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { hasVolume } from '../servers/containers.ts';
import { clearLeftovers, clusterParent } from '../servers/postgres-cluster.ts';
import { ServerStartError } from '../servers/server.ts';
import type { ServerSources } from '../servers/sources.ts';
import { SERVERS, type StackFolder } from './folder.ts';

/**
 * A checkout that was deleted may have left data elsewhere, and another one stands in its place: nobody can open them any
 * more, since their passwords went with it. PostgreSQL's folder is set aside. Docker's volumes cannot be: throws
 * ServerStartError, and what is to be done.
 */
export async function setAsideLeftBehind(
  folder: StackFolder,
  sources: ServerSources,
  progress: (line: string) => void,
): Promise<void> {
  if (existsSync(folder.secrets)) return;
  const parent = clusterParent(folder.dataDir('postgres'));
  if (parent !== folder.dataDir('postgres') && existsSync(parent)) {
    await clearLeftovers(path.join(parent, 'cluster'));
    const aside = `${parent}-${Date.now()}`;
    renameSync(parent, aside);
    progress(
      `a database of an earlier checkout is set aside: ${aside}; its password went with that checkout`,
    );
  }
  const volumes = await Promise.all(
    SERVERS.map((server) => hasVolume(server, folder.dataDir(server), sources)),
  );
  const left = SERVERS.filter((_, index) => volumes[index]);
  if (left.length > 0)
    throw new ServerStartError(
      `Docker still has data of an earlier checkout (${left.join(', ')}), whose password went with that checkout: ` +
        '`npm start -- --fresh` deletes them and begins anew',
    );
}
