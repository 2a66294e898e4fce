import { inboxPrefix } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test } from 'vitest';
import { OTHER_VENDOR, posted } from '../../services/ledger/simulator/given.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import { EventFeed } from '../../services/ledger/src/publish/event-feed.ts';
import { createPlayground, testLogger } from '../harness.ts';

const title = (lane: number): LaneTitle => ({
  ...{ lane, epoch: 1, streamEpoch: 1, cursor: { seq: 0, messageId: null, timeMs: null } },
  published: { streamEpoch: 1, streamSeq: 0, atMs: null },
});

test('a lane that is let go while older events are read sends nothing before them, and leaves no backlog', async () => {
  await using playground = await createPlayground();
  const { subjects } = playground;
  const { natsUrl, natsSeeds } = inject('servers');
  const nc = await connectNats({ user: 'ledger', url: natsUrl, nkeySeed: natsSeeds.ledger });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => nc.close());
  const read = Promise.withResolvers<void>();
  const unpublished = {
    // Of the first lane the table is slow to tell.
    async *read({ lane }: LaneTitle) {
      if (lane === 1) await read.promise;
      yield* [];
    },
  };
  const feed = stack.use(
    new EventFeed({
      ...{ nc, subjects, unpublished, logger: testLogger('ledger') },
      inboxPrefix: inboxPrefix('ledger'),
    }),
  );
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
