import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  clusterParent,
  type Fleet,
  onServer,
  type Server,
  serverSources,
  startGuardian,
  startPostgres,
} from '@b2b-charge/stack';
import pg from 'pg';
import { waitFor } from '../harness.ts';
import { postgresWithTools, toolsOf } from './postgres-tools.ts';

/** A streaming replica with a physical slot. */
export interface Replica extends AsyncDisposable {
  readonly server: Server;
  /** The same database with the same credentials, there. */
  of(primaryUrl: string): string;
  promote(): Promise<void>;
}

interface ReplicaOptions {
  /** The slot's, and what synchronous_standby_names knows it by. */
  readonly name: string;
  /** Where it streams from; the primary itself unless given. */
  readonly from?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Runs a tool as the user whose the server's files are. */
export async function runTool(
  { binDir, environment, dataDir }: ReturnType<typeof toolsOf>,
  name: string,
  args: readonly string[],
): Promise<void> {
  const { uid, gid } = statSync(dataDir);
  await promisify(execFile)(path.join(binDir!, name), [...args], { uid, gid, env: environment, cwd: '/' });
}

/** Copies the fleet's PostgreSQL by pg_basebackup, as docs/deployment.md has it, and starts the copy. */
export async function startReplica(
  fleet: Fleet,
  { name, from = fleet.postgres.url, settings = {} }: ReplicaOptions,
): Promise<Replica> {
  await using stack = new AsyncDisposableStack();
  const tools = toolsOf(fleet);
  const { uid, gid } = statSync(tools.dataDir);
  const dataDir = path.join(fleet.folder, name);
  const cluster = path.join(clusterParent(dataDir), 'cluster');
  mkdirSync(dataDir);
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  if (clusterParent(dataDir) !== dataDir)
    stack.defer(() => rmSync(clusterParent(dataDir), { recursive: true, force: true }));
  chownSync(cluster, uid, gid);
  const args = [
    '--pgdata',
    cluster,
    '--dbname',
    from,
    '--write-recovery-conf',
    '--create-slot',
    '--slot',
    name,
  ];
  await runTool(tools, 'pg_basebackup', [...args, '--checkpoint', 'fast']);
  // startPostgres asks with the password that it finds there.
  writeFileSync(path.join(dataDir, 'superuser-password'), new URL(fleet.postgres.url).password, {
    mode: 0o600,
  });
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const sources = serverSources({
    ...process.env,
    DATABASE_URL: undefined,
    NATS_URL: undefined,
    REDIS_URL: undefined,
    STACK_SERVERS: postgresWithTools(),
  });
  const server = await startPostgres({
    dataDir,
    sources,
    guardian,
    localFiles: true,
    settings: { cluster_name: name, ...settings },
  });
  stack.defer(() => server.stop());
  const owned = stack.move();
  return {
    server,
    of: (primaryUrl) => {
      const url = new URL(primaryUrl);
      url.host = new URL(server.url).host;
      return url.href;
    },
    promote: () => onServer(server.url, 'SELECT pg_promote(true, 60)'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Until the replica has all that the primary has by now. */
export async function caughtUp(primaryUrl: string, name: string): Promise<void> {
  await becomesTrue(
    primaryUrl,
    `SELECT FROM pg_stat_replication WHERE application_name = '${name}' AND replay_lsn >= $1::pg_lsn`,
  );
}

/** Until a commit waits for the replica. */
export async function isSynchronous(primaryUrl: string, name: string): Promise<void> {
  await becomesTrue(
    primaryUrl,
    `SELECT FROM pg_stat_replication WHERE application_name = '${name}' AND sync_state = 'sync' AND $1::pg_lsn IS NOT NULL`,
  );
}

/** Until there is a row; $1 is where the primary's log ends now. */
async function becomesTrue(url: string, statement: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    const { rows } = await db.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn() AS lsn');
    await waitFor(async () => (await db.query(statement, [rows[0]!.lsn])).rowCount === 1, 30_000);
  } finally {
    await db.end();
  }
}
