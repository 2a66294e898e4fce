import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type NatsServer, serverSources, startGuardian, startNats } from '@b2b-charge/stack';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { createDatabase, type Database } from '../harness/database.ts';
import type { Stage } from '../harness/stage.ts';
import { startProgram } from '../harness/start-program.ts';
import type { Extra } from './extras.ts';
import { BARE_SCHEMA, OPENING_BALANCE, ROW_SCHEMA } from './schema.ts';
import { COMMANDS, EVENTS } from './wire.ts';

/** A nats-server that knows one user, who may do everything: the fleet's users may use the fleet's subjects only. */
export interface BareServers extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly nkeySeed: string;
}

export interface BareShape extends AsyncDisposable {
  readonly database: Database;
  readonly port: number;
  readonly pids: Readonly<Record<'gateway' | 'ledger' | 'nats', readonly number[]>>;
}

/** The limits that the stack gives gateway and ledger. */
const NODE_FLAGS = ['--max-semi-space-size=16', '--max-old-space-size=1024'];
const STREAM_BYTES = 16 * 1024 ** 3;

export async function startBareServers(stage: Stage): Promise<BareServers> {
  await using parts = new AsyncDisposableStack();
  const guardian = startGuardian();
  parts.defer(() => guardian.close());
  const user = createUser();
  const nats = await startNats({
    dataDir: path.join(stage.fleet.folder, 'bare-nats'),
    guardian,
    sources: serverSources({ ...process.env, NATS_URL: undefined }),
    users: [
      { name: 'bare', publicKey: user.getPublicKey(), permissions: { publish: ['>'], subscribe: ['>'] } },
    ],
  });
  parts.defer(() => nats.stop());
  const disposal = parts.move();
  return {
    nats,
    nkeySeed: new TextDecoder().decode(user.getSeed()),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** Starts the bare shape with some of its extras, on an empty log and on books of its own. */
export async function startBare(
  stage: Stage,
  { nats, nkeySeed }: BareServers,
  { vendors, extras }: { vendors: number; extras: readonly Extra[] },
): Promise<BareShape> {
  await using parts = new AsyncDisposableStack();
  const database = await createDatabase(stage.database, 'bare');
  await database.query(`${BARE_SCHEMA}${extras.includes('row') ? ROW_SCHEMA : ''}
    INSERT INTO ledger.vendors SELECT v, ${OPENING_BALANCE}, 0, '\\x00' FROM generate_series(1, ${vendors}) v`);
  await database.query('VACUUM (ANALYZE)');
  await database.query('CHECKPOINT');
  await emptyLog(nats.url, nkeySeed);
  const logDir = path.join(stage.fleet.folder, 'bare-logs');
  mkdirSync(logDir, { recursive: true });
  const environment = {
    NATS_URL: nats.url,
    NATS_NKEY_SEED: nkeySeed,
    DATABASE_URL: database.url,
    REDIS_URL: stage.fleet.redis.url,
    LOG_DIR: logDir,
    VENDORS: String(vendors),
    EXTRAS: extras.join(','),
  };
  const program = (name: string) =>
    startProgram(path.join(import.meta.dirname, `${name}.ts`), environment, NODE_FLAGS);
  const ledger = parts.use(await program('ledger'));
  const gateway = parts.use(await program('gateway'));
  const disposal = parts.move();
  return {
    database,
    port: gateway.port,
    pids: { gateway: [gateway.pid], ledger: [ledger.pid], nats: [nats.pid!] },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

async function emptyLog(url: string, nkeySeed: string): Promise<void> {
  const nc = await connect({
    servers: url,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)),
  });
  const manager = await jetstreamManager(nc);
  for (const { stream, subjects } of [COMMANDS, EVENTS]) {
    // It is not there the first time.
    await manager.streams.delete(stream).catch(() => {});
    await manager.streams.add({
      name: stream,
      subjects: [subjects],
      storage: StorageType.File,
      max_bytes: STREAM_BYTES,
    });
  }
  await nc.close();
}
