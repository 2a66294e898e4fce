import path from 'node:path';
import { LedgerClient } from '@b2b-charge/client';
import {
  type CommandRequest,
  createSubjects,
  type MessageId,
  type Outcome,
  type ServiceName,
  type VendorId,
} from '@b2b-charge/contracts';
import { call } from '@b2b-charge/runtime';
import { asService, type Fleet, onServer, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { type Replica, startReplica } from '../drills/postgres-replica.ts';
import { postgresWithTools } from '../drills/postgres-tools.ts';
import { CuttableProxy } from '../gateway/proxy.ts';
import { waitFor } from '../harness.ts';
import { parseMetrics } from '../observability/scrape.ts';

const BOUNDS = { waitMs: 10_000, deadlineMs: 30_000 };

/** Two ledgers with a streaming replica, and vendors with credit. */
export interface Scene extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly replica: Replica;
  /** Between the ledgers and the replica. */
  readonly link: CuttableProxy;
  /** The replica's database, as a service's role. */
  replicaUrl(service: ServiceName): string;
  charge(vendorId: number): Promise<Outcome>;
  /** The balance and the number of the last transaction, as whichever ledger is asked tells. */
  vendor(vendorId: number): Promise<{ balance: string; seq: number }>;
  /** A page of vendors. */
  vendors(cursor: string): Promise<unknown>;
  /** Queries for the replica so far, over all ledgers, by what became of them. */
  answered(): Promise<Record<string, number>>;
  onReplica(statement: string): Promise<void>;
}

export const VENDORS = [1, 2, 3, 4, 5, 6];

export async function openScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const root = path.join(import.meta.dirname, '../..');
  const fleet = stack.use(
    await startFleet({
      root,
      migrate,
      services: {},
      serversFrom: postgresWithTools(),
      localFiles: ['postgres'],
    }),
  );
  const replica = stack.use(await startReplica(fleet, { name: 'replica' }));
  const { proxy: link, url: through } = await CuttableProxy.to(replica.of(fleet.databaseUrl));
  stack.use(link);
  const replicaUrl = (service: ServiceName) => asService(through, service, fleet.secrets.roles);
  for (let index = 0; index < 2; index++)
    await fleet.add('ledger', { REPLICA_DATABASE_URL: replicaUrl('ledger') });
  const nc = await fleet.connect('gateway');
  stack.defer(() => nc.close());
  const subjects = createSubjects();
  const client = stack.use(
    new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'shop', lanes: 16 }),
  );
  let next = 0;
  const send = (vendorId: number, command: CommandRequest) =>
    client.send({
      vendorId: vendorId as VendorId,
      messageId: `message-${next++}` as MessageId,
      command,
      ...BOUNDS,
    });
  for (const vendorId of VENDORS) {
    await send(vendorId, { type: 'open-vendor', name: `Vendor ${vendorId}` });
    await send(vendorId, { type: 'credit', amount: '1000000.00' });
  }
  const scene: Omit<Scene, typeof Symbol.asyncDispose> = {
    fleet,
    replica,
    link,
    replicaUrl,
    charge: (vendorId) => send(vendorId, { type: 'charge', phone_number: '+989121234567', amount: '1.00' }),
    vendor: async (vendorId) =>
      (await call({ nc, subjects }, 'ledger.query.vendor', { vendor_id: vendorId }))!,
    vendors: (cursor) => call({ nc, subjects }, 'ledger.query.vendors', { limit: 10, cursor }),
    answered: () => answered(fleet),
    onReplica: (statement) => onServer(replica.server.url, statement),
  };
  await waitFor(async () => (await scene.vendor(1)) && ((await scene.answered()).replica ?? 0) > 0);
  const disposal = stack.move();
  return { ...scene, [Symbol.asyncDispose]: () => disposal.disposeAsync() };
}

async function answered(fleet: Fleet): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { process } of fleet.of('ledger')) {
    const series = parseMetrics(await (await fetch(`${process.opsUrl}/metrics`)).text());
    for (const [name, value] of series) {
      const by = /^b2b_ledger_replica_queries_total\{by="(.*)"\}$/.exec(name)?.[1];
      if (by) counts[by] = (counts[by] ?? 0) + value;
    }
  }
  return counts;
}
