import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { removeVolume } from '../servers/containers.ts';
import { clusterParent } from '../servers/postgres-cluster.ts';
import type { ServerName } from '../servers/server.ts';
import type { ServerSources } from '../servers/sources.ts';

export const SERVERS: readonly ServerName[] = ['postgres', 'nats', 'redis'];

/** Where a local stack keeps what it has between runs. */
export interface StackFolder {
  readonly root: string;
  readonly logs: string;
  readonly lock: string;
  readonly secrets: string;
  readonly processes: string;
  /** What others read while the stack runs: URLs, tokens, process numbers. */
  readonly stack: string;
  readonly vendors: string;
  /** Internal systems that may use NATS, and their keys. */
  readonly systems: string;
  dataDir(server: ServerName): string;
}

export function openStackFolder(root: string): StackFolder {
  // PostgreSQL, when it runs as another user, must pass through; nobody need see what else is here.
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const real = realpathSync(root);
  const logs = path.join(real, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  return {
    root: real,
    logs,
    lock: path.join(real, 'lock'),
    secrets: path.join(real, 'secrets.json'),
    processes: path.join(real, 'processes.json'),
    stack: path.join(real, 'stack.json'),
    vendors: path.join(real, 'vendors.json'),
    systems: path.join(real, 'systems'),
    dataDir: (server) => path.join(real, server),
  };
}

/** Deletes everything but the lock, which the caller holds. */
export async function emptyStackFolder(folder: StackFolder, sources: ServerSources): Promise<void> {
  const cluster = clusterParent(folder.dataDir('postgres'));
  if (cluster !== folder.dataDir('postgres')) rmSync(cluster, { recursive: true, force: true });
  for (const server of SERVERS) await removeVolume(server, folder.dataDir(server), sources);
  for (const entry of readdirSync(folder.root)) {
    const file = path.join(folder.root, entry);
    if (file === folder.lock) continue;
    rmSync(file, { recursive: true, force: true, maxRetries: 3 });
  }
  mkdirSync(folder.logs, { mode: 0o700 });
}
