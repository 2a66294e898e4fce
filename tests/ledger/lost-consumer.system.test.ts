import { connectNats } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { NatsLog } from '../../services/ledger/src/log/nats-log.ts';
import { createPlayground, testLogger, waitFor } from '../harness.ts';

test('a reader whose consumer is gone, with the server that had it, says so and stays broken', async () => {
  await using stack = new AsyncDisposableStack();
  const { subjects, nc } = stack.use(await createPlayground());
  const { natsUrl, natsSeeds } = inject('servers');
  const ledger = await connectNats({ user: 'ledger', url: natsUrl, nkeySeed: natsSeeds.ledger });
  stack.defer(() => ledger.close());
  const log = await NatsLog.open(ledger, subjects, testLogger('ledger'));
  let told = 0;
  const reader = log.read(
    0,
    () => undefined,
    () => told++,
  );
  stack.defer(() => reader.stop());
  const manager = await jetstreamManager(nc);
  const { commands } = subjects.streams;
  let name: string | undefined;
  await waitFor(async () => {
    [name] = await manager.consumers
      .list(commands)
      .next()
      .then((page) => page.map((each) => each.name));
    return name !== undefined;
  });
  expect(reader.broken).toBe(false);
  await manager.consumers.delete(commands, name!);
  await waitFor(() => told > 0);
  expect(reader.broken).toBe(true);
  expect(told).toBe(1);
});
