import { LedgerClient } from '@b2b-charge/client';
import type { CommandRequest, MessageId, VendorId } from '@b2b-charge/contracts';
import { call, connectNats } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';

const stack = new AsyncDisposableStack();
let playground: Playground;
let client: LedgerClient;
const vendor = 12 as VendorId;

beforeAll(async () => {
  playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger')));
  const servers = inject('servers');
  const nc = await connectNats({
    user: 'gateway',
    url: servers.natsUrl,
    nkeySeed: servers.natsSeeds.gateway,
  });
  stack.defer(() => nc.close());
  client = stack.use(
    new LedgerClient({ nc, subjects: playground.subjects, source: 'gateway', clientId: 'test', lanes: 16 }),
  );
});
afterAll(() => stack.disposeAsync());

const send = (messageId: string, command: CommandRequest) =>
  client.send({
    vendorId: vendor,
    messageId: messageId as MessageId,
    command,
    waitMs: 8_000,
    deadlineMs: 10_000,
  });

test('open, credit, charge, repeat', async () => {
  expect(await send('open', { type: 'open-vendor', name: 'TechCorp' })).toMatchObject({ outcome: 'posted' });
  expect(await send('credit-1', { type: 'credit', amount: '1000000.00' })).toMatchObject({
    outcome: 'posted',
    transaction: { balance_after: '1000000.00' },
  });
  const charge = { type: 'charge', phone_number: '+989123456789', amount: '50000.00' } as const;
  const first = await send('charge-1', charge);
  expect(first).toMatchObject({
    outcome: 'posted',
    replayed: false,
    transaction: { balance_after: '950000.00', seq: 3 },
  });
  const again = await send('charge-1', charge);
  expect(again).toEqual({ ...first, replayed: true });
  expect(await send('charge-1', { ...charge, amount: '1.00' })).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  expect(await send('charge-2', { ...charge, amount: '950000.01' })).toMatchObject({
    code: 'INSUFFICIENT_BALANCE',
  });
});

test('queries', async () => {
  const answer = await call(
    { nc: playground.nc, subjects: playground.subjects },
    'ledger.query.transactions',
    { vendor_id: 12, summary: true },
  );
  expect(answer.transactions.map(({ seq }) => seq)).toEqual([4, 3, 2, 1]);
  expect(answer.summary).toMatchObject({ count: 4, charged: '50000.00', credited: '1000000.00' });
});
