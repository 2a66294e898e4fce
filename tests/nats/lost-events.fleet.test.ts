import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { followOutcomes } from '@b2b-charge/client';
import { createSubjects, inboxPrefix } from '@b2b-charge/contracts';
import { connectNats, ensureStreams, matchSystemConsumers } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { posted } from '../../services/ledger/simulator/given.ts';
import { setBackConsumers } from '../../services/ledger/src/publish/consumers-beyond-end.ts';
import { EventFeed } from '../../services/ledger/src/publish/event-feed.ts';
import { EventsGate } from '../../services/ledger/src/publish/events-gate.ts';
import { outcomeOfTransaction } from '../../services/ledger/src/publish/outcome-of.ts';
import { testLogger } from '../harness.ts';
import { BILLING } from './access-table.ts';
import { startPermittedServer } from './server.ts';

const KEPT = 40;
const LOST = 20;
const LATER = 10;
const EVENTS = 'LEDGER_EVENTS';

const unpublished = {
  async *read() {
    yield* [];
  },
};

/** nats-server 2.9.10 leaves the positions where they were; 2.15.1 sets them back by itself when it starts alone. */
test('a consumer beyond an end that the events lost gets what is published under the lost numbers', async () => {
  await using stack = new AsyncDisposableStack();
  const permitted = stack.use(await startPermittedServer());
  const { server } = permitted;
  const subjects = createSubjects();
  const logger = testLogger('ledger');
  const as = async (user: 'ledger' | 'webhooks' | 'billing' | 'operator') => {
    const nc = await connectNats({ user, url: server.url, nkeySeed: permitted.seedOf(user) });
    stack.defer(() => nc.close());
    return nc;
  };
  const operator = await as('operator');
  await ensureStreams(operator, subjects);
  await matchSystemConsumers(operator, subjects, [BILLING]);
  const ledger = await as('ledger');
  const gate = stack.use(new EventsGate({ nc: ledger, logger, lookEveryMs: 2_000 }));
  gate.begin(() => setBackConsumers({ nc: ledger, subjects, logger }));
  const parts = { unpublished, currency: 'IRT', inboxPrefix: inboxPrefix('ledger') };
  const feed = stack.use(new EventFeed({ nc: ledger, subjects, logger, gate, ...parts }));
  let next = 0;
  const publish = async (count: number) => {
    const ids = Array.from({ length: count }, () => {
      const transaction = posted({ vendorId: 12 as never, seq: ++next, streamSeq: next });
      feed.add(1, transaction, Buffer.from(JSON.stringify(outcomeOfTransaction(transaction, false, 'IRT'))));
      return transaction.id;
    });
    await expect.poll(() => feed.backlog, { timeout: 10_000 }).toBe(0);
    return ids;
  };
  // One that follows everything, and an internal system with one vendor.
  const followers = [
    { user: 'webhooks', durable: 'webhooks' },
    { user: 'billing', durable: 'billing_12' },
  ] as const;
  const seen = new Map<string, Set<string>>();
  for (const { user, ...rest } of followers) {
    const ids = new Set<string>();
    seen.set(user, ids);
    const nc = await as(user);
    const onBatch = async (batch: readonly { transactionId: string }[]) => {
      for (const { transactionId } of batch) ids.add(transactionId);
    };
    stack.use(followOutcomes({ nc, subjects, onBatch, ...rest }));
  }
  const missing = (ids: readonly string[]) =>
    [...seen].map(([user, known]) => `${user}: ${ids.filter((id) => !known.has(id)).length}`);
  const none = followers.map(({ user }) => `${user}: 0`);
  const manager = await jetstreamManager(operator);
  const positions = async () =>
    await Promise.all(
      followers.map(
        async ({ durable }) => (await manager.consumers.info(EVENTS, durable)).ack_floor.stream_seq,
      ),
    );

  const messages = path.join(permitted.store, 'ledger/streams', EVENTS, 'msgs');
  await publish(KEPT);
  const copy = path.join(permitted.store, '..', 'copy');
  await server.kill('SIGSTOP');
  cpSync(messages, copy, { recursive: true });
  await server.kill('SIGCONT');
  await publish(LOST);
  await expect.poll(positions).toEqual([KEPT + LOST, KEPT + LOST]);
  await server.stop();
  rmSync(messages, { recursive: true });
  cpSync(copy, messages, { recursive: true });
  await server.restart();
  const later = await publish(LATER);
  expect((await manager.streams.info(EVENTS)).state.last_seq).toBe(KEPT + LATER);
  await expect.poll(() => missing(later), { timeout: 10_000 }).toEqual(none);
}, 40_000);
