import { LedgerClient } from '@b2b-charge/client';
import type { CommandRequest, MessageId, VendorId } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { inject } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { CuttableProxy } from '../gateway/proxy.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';

export const PHONE = '+989121234567';

/** A ledger on its own servers' connections, and clients whose connection can be cut. */
export interface Scene extends AsyncDisposable {
  readonly playground: Playground;
  readonly proxy: CuttableProxy;
  /** Through the proxy, as the gateway's user. */
  readonly client: LedgerClient;
  /** Through the proxy unless told, as a user who may follow the events. */
  connect(options?: { direct: boolean }): Promise<NatsConnection>;
  /** Opens vendors with this much credit each. */
  open(vendorIds: readonly number[], credit?: string): Promise<void>;
  /** Transactions of a vendor, by message id. */
  booked(vendorId: number): Promise<Map<string, number>>;
}

export const charge = (vendorId: number, messageId: string, amount = '1.00') => ({
  vendorId: vendorId as VendorId,
  messageId: messageId as MessageId,
  command: { type: 'charge', phone_number: PHONE, amount } as const,
});

/** With settings of the ledger, beside those of the playground. */
export async function startScene(settings: Record<string, string> = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger', settings)), testLogger('ledger')));
  const servers = inject('servers');
  const { proxy, url } = await CuttableProxy.to(servers.natsUrl);
  stack.use(proxy);
  const connections = stack.use(new AsyncDisposableStack());
  const connectAs = async (user: 'gateway' | 'operator', natsUrl: string) => {
    const nc = await connectNats({ user, url: natsUrl, nkeySeed: servers.natsSeeds[user] });
    connections.defer(() => nc.close());
    return nc;
  };
  const client = new LedgerClient({
    nc: await connectAs('gateway', url),
    subjects: playground.subjects,
    source: 'gateway',
    clientId: 'test',
    lanes: 16,
  });
  stack.use(client);
  const send = (vendorId: number, messageId: string, command: CommandRequest) =>
    client.send({ ...charge(vendorId, messageId), command, waitMs: 10_000, deadlineMs: 10_000 });
  const running = stack.move();
  return {
    playground,
    proxy,
    client,
    connect: ({ direct } = { direct: false }) => connectAs('operator', direct ? servers.natsUrl : url),
    open: async (vendorIds, credit = '1000.00') => {
      await Promise.all(
        vendorIds.map(async (vendorId) => {
          await send(vendorId, 'open', { type: 'open-vendor', name: `Vendor ${vendorId}` });
          await send(vendorId, 'credit', { type: 'credit', amount: credit });
        }),
      );
    },
    booked: async (vendorId) => {
      const { rows } = await playground.sql(
        'SELECT message_id, count(*)::int AS count FROM ledger.transactions WHERE vendor_id = $1 GROUP BY 1',
        [vendorId],
      );
      return new Map(rows.map(({ message_id, count }) => [message_id, count]));
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
