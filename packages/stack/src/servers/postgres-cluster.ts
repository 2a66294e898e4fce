import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Guardian } from '../guardian/guardian.ts';
import { isAlive, startTimeOf } from '../guardian/process-table.ts';
import { runCommand } from '../process/run-command.ts';
import type { Found } from './choose-source.ts';
import { isOpenToAll, type User, unprivilegedUser } from './unprivileged-user.ts';
import { waitUntil } from './wait-until.ts';

const INITDB_TIMEOUT_MS = 60_000;
const LEFTOVER_GRACE_MS = 8_000;

/** Where clusters of this data folder are: elsewhere if it is closed to the user that PostgreSQL runs as. */
export function clusterParent(dataDir: string): string {
  if (!unprivilegedUser() || isOpenToAll(dataDir)) return dataDir;
  return path.join('/var/lib/b2b-charge', createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
}

/** The major version of the cluster that is kept there, if there is one. */
export function keptMajor(dataDir: string): number | undefined {
  const [file] = globSync('cluster/PG_VERSION', { cwd: clusterParent(dataDir) });
  return file ? Number(readFileSync(path.join(clusterParent(dataDir), file), 'utf8')) : undefined;
}

interface InitOptions {
  readonly dataDir: string;
  readonly found: Found;
  readonly password: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly guardian: Guardian;
}

/** The cluster's folder; makes the cluster if there is none. */
export async function ensureCluster(given: InitOptions): Promise<string> {
  const { dataDir, found, password, environment, guardian } = given;
  const parent = clusterParent(dataDir);
  const cluster = path.join(parent, 'cluster');
  if (keptMajor(dataDir) !== undefined) return cluster;
  const user = unprivilegedUser();
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  // Made aside and renamed: a cluster whose making was cut short is never taken for a whole one.
  const making = path.join(parent, 'cluster.making');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  own(making, user);
  const passwordFile = path.join(parent, 'initdb-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile, user);
  const initdb = path.join(path.dirname(found.program), 'initdb');
  try {
    const args = [
      ...['--pgdata', making, '--username', 'postgres', '--auth', 'scram-sha-256', '--pwfile', passwordFile],
      // The same order of text whatever the source of the server and the machine's locales.
      ...['--encoding', 'UTF8', '--locale', 'C', '--data-checksums'],
    ];
    await runCommand(initdb, args, {
      timeoutMs: INITDB_TIMEOUT_MS,
      environment: { ...environment, ...found.environment },
      guardian,
      ...user,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  chmodSync(making, 0o700);
  renameSync(making, cluster);
  return cluster;
}

function own(file: string, user: User | undefined): void {
  if (user) chownSync(file, user.uid, user.gid);
}

/**
 * Clears what a crash left: ends a postmaster that still runs on this cluster, and removes a postmaster.pid whose
 * number now is some other process's, which PostgreSQL itself would take for a running postmaster.
 */
export async function clearLeftovers(cluster: string): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  const pid = readPid(file);
  if (pid === undefined) return;
  const startTime = startTimeOf(pid);
  if (startTime === null) return;
  if (workingFolder(pid) !== cluster) return rmSync(file, { force: true });
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    const gone = await waitUntil(() => (isAlive(pid, startTime) ? undefined : true), {
      timeoutMs: LEFTOVER_GRACE_MS,
    });
    if (gone) return;
  }
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
