import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { stopRunning } from '../process/running.ts';
import { startProcess } from '../process/start-process.ts';
import { executables } from '../servers/binaries.ts';
import { type FetchOptions, libraryPath, unpackDebian } from '../servers/debian-package.ts';
import { freePort } from '../servers/free-port.ts';
import { unprivilegedUser } from '../servers/unprivileged-user.ts';
import { waitUntil } from '../servers/wait-until.ts';

const READY_WITHIN_MS = 20_000;
const STOP_GRACE_MS = 5_000;

export interface PgBouncerOptions extends FetchOptions {
  /** Where its configuration and its log go; made if missing. */
  readonly folder: string;
  /** The text of a pgbouncer.ini; where it listens, whom it connects to and whom it knows is put in. */
  readonly configuration: string;
  /** The database as its administrator. */
  readonly databaseUrl: string;
  /** Passwords by role. */
  readonly roles: Readonly<Record<string, string>>;
}

/** PgBouncer before a database: no part of a running system, but what the services are tried with. */
export interface PgBouncer extends AsyncDisposable {
  readonly version: string;
  /** A URL of the database, by way of PgBouncer. */
  through(url: string): string;
  /** Of the console, as the administrator: PAUSE, RESUME, RECONNECT, SHOW … */
  command(text: string): Promise<pg.QueryResult>;
}

/** The machine's own, else Debian's package unpacked into the cache folder. Throws SourceUnavailableError. */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncer> {
  const { folder, guardian } = options;
  const { program, environment } = await find(options);
  const port = await freePort();
  const upstream = new URL(options.databaseUrl);
  const user = unprivilegedUser();
  mkdirSync(folder, { recursive: true });
  const file = writeConfiguration(options, port);
  for (const own of [folder, file.configuration, file.users]) if (user) chownSync(own, user.uid, user.gid);
  const running = await startProcess(
    { command: program, args: [file.configuration], environment, cwd: folder, ...user },
    { logFile: path.join(folder, 'pgbouncer.log'), guardian, signal: 'SIGINT', stage: 1 },
  );
  const through = (url: string): string => {
    const given = new URL(url);
    given.port = String(port);
    given.hostname = '127.0.0.1';
    return given.href;
  };
  const console = new URL(through(upstream.href));
  console.pathname = '/pgbouncer';
  const command = async (text: string) => {
    const client = new pg.Client({ connectionString: console.href });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.query(text);
    } finally {
      await client.end().catch(() => {});
    }
  };
  const stop = () => stopRunning(running, { signal: 'SIGINT', graceMs: STOP_GRACE_MS });
  let version = '';
  const ready = await waitUntil(
    async () => {
      if (running.hasExited()) return false;
      const { rows } = await command('SHOW VERSION').catch(() => ({ rows: [] as { version: string }[] }));
      version = rows[0]?.version ?? '';
      return version === '' ? undefined : true;
    },
    { timeoutMs: READY_WITHIN_MS, intervalMs: 50 },
  );
  if (!ready) {
    await stop();
    throw new Error(`PgBouncer did not start: ${running.tail()}`);
  }
  return { version, through, command, [Symbol.asyncDispose]: stop };
}

async function find(options: FetchOptions) {
  const { sources } = options;
  const [program] = executables('pgbouncer', [...sources.path, '/usr/sbin']);
  if (program) return { program, environment: { ...sources.environment } };
  const root = await unpackDebian('pgbouncer', async () => ['pgbouncer'], options);
  const unpacked = path.join(root, 'usr/sbin/pgbouncer');
  if (!existsSync(unpacked)) throw new Error(`Debian's package of PgBouncer has no ${unpacked}`);
  return {
    program: unpacked,
    environment: { ...sources.environment, LD_LIBRARY_PATH: libraryPath(root) },
  };
}

function writeConfiguration({ folder, configuration, databaseUrl, roles }: PgBouncerOptions, port: number) {
  const { hostname, port: to, pathname, username, password } = new URL(databaseUrl);
  const users = path.join(folder, 'userlist.txt');
  const ini = path.join(folder, 'pgbouncer.ini');
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    auth_file: users,
    admin_users: decodeURIComponent(username),
  };
  let text = configuration.replace(
    /^b2b_charge = .*$/m,
    `${pathname.slice(1)} = host=${hostname} port=${to}`,
  );
  for (const [name, value] of Object.entries(settings))
    text = text.replace(new RegExp(`^${name} =.*$`, 'm'), `${name} = ${value}`);
  writeFileSync(ini, text);
  const known = { [decodeURIComponent(username)]: decodeURIComponent(password), ...roles };
  writeFileSync(
    users,
    Object.entries(known)
      .map(([role, secret]) => `"${role}" "${secret.replaceAll('"', '""')}"\n`)
      .join(''),
    { mode: 0o600 },
  );
  chmodSync(ini, 0o644);
  return { configuration: ini, users };
}
