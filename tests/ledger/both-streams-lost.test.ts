import { LedgerClient } from '@b2b-charge/client';
import type { CommandRequest } from '@b2b-charge/contracts';
import { connectNats, ensureStreams } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { charge } from '../client/scene.ts';
import { createPlayground, testLogger } from '../harness.ts';

test('a ledger that starts beside new, empty streams continues the books of the old ones', async () => {
  await using stack = new AsyncDisposableStack();
  const playground = stack.use(await createPlayground());
  const { subjects } = playground;
  const start = () => startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger'));
  const { natsUrl: url, natsSeeds } = inject('servers');
  const nc = await connectNats({ user: 'gateway', url, nkeySeed: natsSeeds.gateway });
  stack.defer(() => nc.close());
  const client = stack.use(
    new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'test', lanes: 16 }),
  );
  const send = (key: string, command: CommandRequest) =>
    client.send({ ...charge(7, key), command, waitMs: 10_000, deadlineMs: 10_000 });
  const sell = (key: string) => send(key, charge(7, key).command);
  const manager = await jetstreamManager(playground.nc);
  const published = async () => (await manager.streams.info(subjects.streams.events)).state.messages;

  {
    await using _ledger = await start();
    await send('open', { type: 'open-vendor', name: 'TechCorp' });
    await send('credit', { type: 'credit', amount: '100.00' });
    await sell('sale-1');
    await expect.poll(published).toBe(3);
  }
  for (const stream of [subjects.streams.commands, subjects.streams.events])
    await manager.streams.delete(stream);
  await ensureStreams(playground.nc, subjects);

  await using _ledger = await start();
  expect(await sell('sale-2')).toMatchObject({ outcome: 'posted', transaction: { balance_after: '98.00' } });
  expect(await sell('sale-1')).toMatchObject({ outcome: 'posted', replayed: true });
}, 40_000);
