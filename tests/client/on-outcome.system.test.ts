import { type OnOutcomeOptions, type OutcomeEvent, onOutcome } from '@b2b-charge/client';
import { systemConsumers } from '@b2b-charge/contracts';
import { ensureEventConsumer, type StartFrom } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { charge, type Scene, startScene } from './scene.ts';

const VENDORS = [1, 2, 3];
/** Of each vendor: opened, credited, and these. */
const CHARGES = 40;
const ALL = CHARGES + 2;

let scene: Scene;
const scenes = new AsyncDisposableStack();
beforeAll(async () => {
  scene = scenes.use(await startScene());
  await scene.open(VENDORS);
  await sellAll('first');
  return () => scenes.disposeAsync();
});
let stack = new AsyncDisposableStack();
afterEach(async () => {
  const used = stack;
  stack = new AsyncDisposableStack();
  await used.disposeAsync();
});

async function sellAll(name: string, count = CHARGES) {
  const commands = Array.from({ length: count * VENDORS.length }, (_, n) =>
    charge(VENDORS[n % VENDORS.length]!, `${name}-${n}`),
  );
  for await (const { error } of scene.client.sendAll(commands)) expect(error).toBeUndefined();
}

/** What the operator gives a consumer. */
interface Bounds {
  readonly from?: StartFrom;
  readonly maxInFlight?: number;
}
type Wanted = Omit<OnOutcomeOptions, 'nc' | 'subjects' | 'handle'> & Bounds;

async function makeConsumers({ system, vendorIds, from, maxInFlight }: Wanted): Promise<void> {
  const { nc, subjects } = scene.playground;
  const manager = await jetstreamManager(nc);
  for (const consumer of systemConsumers({ name: system, vendors: vendorIds ?? 'all' }, subjects)) {
    const wished = { ...consumer, from, ackWaitMs: 1_000, ...(maxInFlight ? { maxInFlight } : {}) };
    await ensureEventConsumer(manager, subjects.streams.events, wished);
  }
}

async function follow(nc: NatsConnection, wanted: Wanted, handle?: OnOutcomeOptions['handle']) {
  await makeConsumers(wanted);
  const { from: _, maxInFlight: __, ...options } = wanted;
  const events: OutcomeEvent[] = [];
  const following = onOutcome({
    nc,
    subjects: scene.playground.subjects,
    ...options,
    handle: async (event) => {
      await handle?.(event);
      events.push(event);
    },
  });
  stack.use(following);
  return { events, following };
}

/** Numbers in the chain, each once, of one vendor: as first seen. */
function firstSeen(events: readonly OutcomeEvent[], vendorId: number): number[] {
  const seqs = events
    .filter((event) => event.vendorId === vendorId)
    .map(({ outcome }) => outcome.transaction.seq);
  return [...new Set(seqs)];
}
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const idsOf = (events: readonly OutcomeEvent[]) => new Set(events.map(({ transactionId }) => transactionId));

test('every outcome comes, one vendor in the order of its chain; a stop and a new start go on behind it', async () => {
  const nc = await scene.connect();
  const { events, following } = await follow(nc, { system: 'all' });
  await waitFor(() => events.length >= ALL * VENDORS.length);
  for (const vendorId of VENDORS) expect(firstSeen(events, vendorId)).toEqual(upTo(ALL));
  expect(idsOf(events).size).toBe(events.length);
  await following.stop();

  await sellAll('after', 1);
  const next = await follow(nc, { system: 'all' });
  await waitFor(() => next.events.length >= VENDORS.length);
  expect(next.events.map(({ outcome }) => outcome.transaction.seq)).toEqual([ALL + 1, ALL + 1, ALL + 1]);
});

test('vendors and types are filtered, several of each too', async () => {
  const nc = await scene.connect();
  const one = await follow(nc, { system: 'one', vendorIds: [2], types: ['credit-posted'] });
  const some = await follow(nc, {
    system: 'some',
    vendorIds: [1, 3],
    types: ['credit-posted', 'open-vendor-posted'],
  });
  await waitFor(() => one.events.length >= 1 && some.events.length >= 4);
  expect(one.events.map(({ vendorId, type }) => `${vendorId} ${type}`)).toEqual(['2 credit-posted']);
  expect(some.events.map(({ vendorId, type }) => `${vendorId} ${type}`).toSorted()).toEqual([
    '1 credit-posted',
    '1 open-vendor-posted',
    '3 credit-posted',
    '3 open-vendor-posted',
  ]);
});

test('a new durable starts at a sequence, at a time, or with what is new', async () => {
  const nc = await scene.connect();
  const all = await follow(nc, { system: 'measure' });
  await waitFor(() => all.events.length >= ALL * VENDORS.length);
  const middle = all.events.toSorted((a, b) => a.sequence - b.sequence)[60]!;
  const fromSequence = await follow(nc, { system: 'sequence', from: { sequence: middle.sequence } });
  const { streams } = await jetstreamManager(nc);
  const { events: stream } = scene.playground.subjects.streams;
  const last = await streams.getMessage(stream, { seq: (await streams.info(stream)).state.last_seq });
  // The stream's clock: it compares a consumer's start with the times that it gave the messages.
  const between = new Date(last!.time.getTime() + 1);
  const fromNew = await follow(nc, { system: 'new', from: 'new' });
  await waitFor(() => fromSequence.events.length > 0);
  expect(Math.min(...fromSequence.events.map(({ sequence }) => sequence))).toBe(middle.sequence);
  await sellAll('new', 1);
  const fromTime = await follow(nc, { system: 'time', from: { time: between } });
  await waitFor(() => fromNew.events.length >= 1 && fromTime.events.length >= 1);
  for (const { events } of [fromNew, fromTime]) {
    expect(events[0]!.outcome.transaction.message_id).toMatch(/^new-/);
  }
});

test('a handler that fails is repeated in place: what comes behind it waits, other vendors do not', async () => {
  const nc = await scene.connect();
  let failures = 0;
  const { events } = await follow(
    nc,
    { system: 'failing', maxInFlight: 200 },
    async ({ vendorId, outcome }) => {
      if (vendorId === 1 && outcome.transaction.seq === 5 && failures++ < 3) throw new Error('not now');
    },
  );
  await waitFor(() => VENDORS.every((vendorId) => firstSeen(events, vendorId).length >= ALL));
  expect(failures).toBe(4);
  expect(firstSeen(events, 1).slice(0, ALL)).toEqual(upTo(ALL));
  const seqs = events.filter(({ vendorId }) => vendorId === 1).map(({ outcome }) => outcome.transaction.seq);
  expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs);
});

test('a reader that dies with events in hand: its successor gets them first, in order', async () => {
  const dying = await scene.connect();
  let taken = 0;
  const never = new Promise<void>(() => {});
  await makeConsumers({ system: 'dying', maxInFlight: 30 });
  const dead = onOutcome({
    nc: dying,
    subjects: scene.playground.subjects,
    system: 'dying',
    handle: () => (++taken > 10 ? never : undefined),
  });
  await waitFor(() => taken > 10);
  await dying.close();
  void dead;
  const successor = await follow(await scene.connect(), { system: 'dying', maxInFlight: 64 });
  await waitFor(() => VENDORS.every((vendorId) => firstSeen(successor.events, vendorId).at(-1)! >= ALL));
  for (const vendorId of VENDORS) {
    const seen = firstSeen(successor.events, vendorId);
    expect(seen).toEqual(upTo(seen.at(-1)!, seen[0]));
    expect(seen[0]).toBeLessThanOrEqual(12);
  }
});

test('a connection cut again and again: every outcome comes, first seen in order', async () => {
  const nc = await scene.connect();
  let cuts = 0;
  const { events } = await follow(nc, { system: 'cut', maxInFlight: 16 }, async ({ outcome }) => {
    if (outcome.transaction.seq % 15 === 0 && cuts < 5) {
      cuts++;
      scene.proxy.cut();
      scene.proxy.mend();
    }
  });
  await waitFor(() => VENDORS.every((vendorId) => firstSeen(events, vendorId).length >= ALL), 25_000);
  for (const vendorId of VENDORS) {
    const seen = firstSeen(events, vendorId);
    expect(seen).toEqual(upTo(seen.length));
  }
  expect(cuts).toBe(5);
}, 40_000);
