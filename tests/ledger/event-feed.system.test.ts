import { inboxPrefix, type Subjects } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { OTHER_VENDOR, posted } from '../../services/ledger/simulator/given.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import { EventFeed } from '../../services/ledger/src/publish/event-feed.ts';
import type { UnpublishedReader } from '../../services/ledger/src/store/unpublished.ts';
import { readStream } from '../chaos/check/streams.ts';
import { createPlayground, testLogger } from '../harness.ts';

async function startFeed(stack: AsyncDisposableStack, subjects: Subjects, unpublished: UnpublishedReader) {
  const { natsUrl, natsSeeds } = inject('servers');
  const nc = await connectNats({ user: 'ledger', url: natsUrl, nkeySeed: natsSeeds.ledger });
  stack.defer(() => nc.close());
  const parts = { nc, subjects, unpublished, currency: 'IRT', logger: testLogger('ledger') };
  return { nc, feed: stack.use(new EventFeed({ ...parts, inboxPrefix: inboxPrefix('ledger') })) };
}

const title = (lane: number): LaneTitle => ({
  lane,
  epoch: 1,
  streamEpoch: 1,
  cursor: { seq: 0, messageId: null, timeMs: null },
  published: { streamEpoch: 1, streamSeq: 0, atMs: null },
});

test('a lane that is let go while older events are read sends nothing before them, and leaves no backlog', async () => {
  await using playground = await createPlayground();
  const { subjects } = playground;
  await using stack = new AsyncDisposableStack();
  const read = Promise.withResolvers<void>();
  const unpublished = {
    // Of the first lane the table is slow to tell.
    async *read({ lane }: LaneTitle) {
      if (lane === 1) await read.promise;
      yield* [];
    },
  };
  const { nc, feed } = await startFeed(stack, subjects, unpublished);
  const payload = Buffer.from('{}');
  feed.open(title(1));
  feed.add(1, posted(), payload);
  feed.close(1);
  expect(feed.backlog).toBe(0);
  read.resolve();
  feed.open(title(2));
  await nc.flush();
  feed.add(2, posted({ vendorId: OTHER_VENDOR }), payload);
  await expect.poll(() => feed.backlog).toBe(0);
  const manager = await jetstreamManager(playground.nc);
  const { state } = await manager.streams.info(subjects.streams.events, { subjects_filter: '>' });
  expect(Object.keys(state.subjects ?? {})).toEqual([subjects.event(OTHER_VENDOR, 'charge-posted')]);
});

test('what is sold while older events are read comes behind them, and no sale waits, however much it is', async () => {
  await using playground = await createPlayground();
  const { subjects } = playground;
  await using stack = new AsyncDisposableStack();
  const [OLDER, NEWER] = [1_500, 17_000];
  const table = Array.from({ length: OLDER + NEWER }, (_, index) =>
    posted({ seq: index + 1, streamSeq: index + 1 }),
  );
  const payload = Buffer.from('{}');
  const sold = Promise.withResolvers<void>();
  const { feed } = await startFeed(stack, subjects, {
    async *read({ published, cursor }) {
      await sold.promise;
      for (const transaction of table.slice(published.streamSeq, cursor.seq)) yield transaction;
    },
  });
  feed.open({ ...title(1), cursor: { seq: OLDER, messageId: null, timeMs: null } });
  for (const transaction of table.slice(OLDER)) {
    expect(feed.room()).toBeUndefined();
    feed.add(1, transaction, payload);
  }
  sold.resolve();
  const manager = await jetstreamManager(playground.nc);
  const stored = async () => (await manager.streams.info(subjects.streams.events)).state.messages;
  await expect.poll(stored, { timeout: 20_000 }).toBe(table.length);
  const told: (string | undefined)[] = [];
  await readStream(playground.nc, subjects.streams.events, (batch) => {
    for (const { headers } of batch) told.push(headers?.get('Nats-Msg-Id'));
  });
  expect(told).toEqual(table.map(({ id }) => id));
  const cursor = { seq: table.length, messageId: null, timeMs: null };
  const done = { ...title(1), cursor };
  await expect
    .poll(() => feed.published(done, { hasAll: true }))
    .toEqual({ streamEpoch: 1, streamSeq: table.length, atMs: Number.POSITIVE_INFINITY });
});
