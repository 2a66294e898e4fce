import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { natsPermissions, systemPermissions } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { type NatsServer, serverSources, startGuardian, startNats } from '@b2b-charge/stack';
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { BILLING, LANES, REPORTS, type UserName } from './access-table.ts';

/** A user that the server does not know is refused at once, again and again. */
const CONNECT_MS = 2_000;

/** A NATS server of a test file's own, with the permissions that a real system has. NATS_SERVER_BIN names another. */
export interface PermittedServer extends AsyncDisposable {
  readonly server: NatsServer;
  /** JetStream's files. */
  readonly store: string;
  connect(user: UserName): Promise<NatsConnection>;
  seedOf(user: UserName): string;
  /** Takes a user away; everybody else stays connected. */
  revoke(user: UserName): Promise<void>;
}

export async function startPermittedServer(): Promise<PermittedServer> {
  await using stack = new AsyncDisposableStack();
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const dataDir = mkdtempSync(path.join(tmpdir(), 'b2b-charge-permitted-'));
  guardian.removeAtEnd(dataDir);
  const permissions = {
    ...natsPermissions(),
    billing: systemPermissions(BILLING, { lanes: LANES }),
    reports: systemPermissions(REPORTS, { lanes: LANES }),
  };
  const keys = new Map(Object.keys(permissions).map((name) => [name, createUser()]));
  const users = Object.entries(permissions).map(([name, allowed]) => ({
    name,
    publicKey: keys.get(name)!.getPublicKey(),
    permissions: allowed,
  }));
  const seedOf = (user: UserName) => new TextDecoder().decode(keys.get(user)!.getSeed());
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  const sources = serverSources(environment);
  const server = await startNats({ dataDir, guardian, sources, localFiles: true, users });
  stack.defer(() => server.stop());
  const disposal = stack.move();
  return {
    server,
    store: path.join(dataDir, 'store', 'jetstream'),
    connect: (user) => connectNats({ user, url: server.url, nkeySeed: seedOf(user), withinMs: CONNECT_MS }),
    seedOf,
    revoke: (user) => server.reload(users.filter(({ name }) => name !== user)),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
