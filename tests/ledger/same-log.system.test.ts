import { HEADERS } from '@b2b-charge/contracts';
import { connectNats, ensureStreams } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SimLog } from '../../services/ledger/simulator/sim-log.ts';
import { Stream } from '../../services/ledger/simulator/stream.ts';
import { World } from '../../services/ledger/simulator/world.ts';
import { NatsLog } from '../../services/ledger/src/log/nats-log.ts';
import type { LogMessage } from '../../services/ledger/src/log/parse-entry.ts';
import type { CommandLog, Cursor } from '../../services/ledger/src/process/ports.ts';
import { createPlayground, testLogger } from '../harness.ts';

/** A log to read, and what is done to it from outside. */
interface Bench {
  readonly log: CommandLog;
  publish(messageId: string): Promise<void>;
  purgeTo(seq: number): Promise<void>;
  /** Everything is gone, the numbers too. */
  recreate(): Promise<void>;
  /** Waits for something that the log does. */
  until<T>(asked: Promise<T>): Promise<T>;
}

const SUBJECT = 'ledger.commands.3.shop.7';

async function onNats(stack: AsyncDisposableStack): Promise<Bench> {
  const { subjects, nc } = stack.use(await createPlayground());
  const servers = inject('servers');
  const ledger = await connectNats({
    user: 'ledger',
    url: servers.natsUrl,
    nkeySeed: servers.natsSeeds.ledger,
  });
  stack.defer(() => ledger.close());
  const manager = await jetstreamManager(nc);
  const { commands } = subjects.streams;
  return {
    log: await NatsLog.open(ledger, subjects, testLogger('ledger')),
    publish: async (messageId) => {
      const head = headers();
      if (messageId) head.set(HEADERS.messageId, messageId);
      await nc.request(subjects.command(3, 'shop', 7), messageId, { headers: head, timeout: 5_000 });
    },
    purgeTo: async (seq) => void (await manager.streams.purge(commands, { seq: seq + 1 })),
    recreate: async () => {
      await manager.streams.delete(commands);
      await ensureStreams(nc, subjects, { replicas: 1, commandsMaxBytes: 2 ** 20, eventsMaxBytes: 2 ** 20 });
    },
    until: (asked) => asked,
  };
}

async function simulated(): Promise<Bench> {
  const world = new World(1, false);
  world.faulty = false;
  const stream = new Stream(world);
  return {
    log: new SimLog(world, stream, { name: 'a', alive: true, frozenUntilMs: 0 }),
    publish: async (name) => {
      const payload = new TextEncoder().encode(name);
      stream.append({ name, subject: SUBJECT, headers: name ? [[HEADERS.messageId, name]] : [], payload });
    },
    purgeTo: async (seq) => {
      stream.sync();
      stream.trim(({ streamSeq }) => streamSeq <= seq);
    },
    recreate: async () => {
      stream.burn();
      stream.up = true;
    },
    until: async (asked) => {
      let settled = false;
      void asked.finally(() => {
        settled = true;
      });
      await world.run(() => settled);
      return asked;
    },
  };
}

describe.each([
  ['JetStream', onNats],
  ['the simulated log', simulated],
])('%s', (_name, create) => {
  const stack = new AsyncDisposableStack();
  let bench: Bench;
  const seen: LogMessage[] = [];
  const cursorOf = ({ streamSeq, timeMs, ...message }: LogMessage): Cursor => ({
    ...message,
    seq: streamSeq,
    timeMs,
    messageId: seen.find((other) => other.streamSeq === streamSeq)!.header(HEADERS.messageId) || null,
  });
  const holds = (cursor: Cursor) => bench.until(bench.log.holds(cursor));
  const lastSeq = () => bench.until(bench.log.lastSeq());
  /** The next messages after a sequence, each taken as it comes. */
  const read = async (afterSeq: number, count: number): Promise<LogMessage[]> => {
    const messages: LogMessage[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const reader = bench.log.read(afterSeq, (message) => {
      if (messages.push(message) === count) resolve();
      return undefined;
    });
    await bench.until(promise);
    reader.stop();
    return messages;
  };

  beforeAll(async () => {
    bench = await create(stack);
  });
  afterAll(() => stack.disposeAsync());

  it('is at 0 while it is empty, and holds the beginning', async () => {
    expect(await lastSeq()).toBe(0);
    expect(await holds({ seq: 0, messageId: null, timeMs: null })).toBe(true);
  });

  it('delivers what comes after a sequence, in order', async () => {
    for (const id of ['a', 'b', '', 'd', 'e']) await bench.publish(id);
    expect(await lastSeq()).toBe(5);
    seen.push(...(await read(0, 5)));
    expect(seen.map(({ streamSeq }) => streamSeq)).toEqual([1, 2, 3, 4, 5]);
    expect(seen.map((message) => message.header(HEADERS.messageId))).toEqual(['a', 'b', '', 'd', 'e']);
    expect((await read(3, 2)).map(({ streamSeq }) => streamSeq)).toEqual([4, 5]);
  });

  it('holds every message at its place, by its id and time', async () => {
    for (const message of seen) expect(await holds(cursorOf(message))).toBe(true);
    const [first] = seen;
    expect(await holds({ ...cursorOf(first!), messageId: 'another' })).toBe(false);
    expect(await holds({ ...cursorOf(first!), timeMs: first!.timeMs + 1 })).toBe(false);
    expect(await holds({ ...cursorOf(first!), seq: 6 })).toBe(false);
  });

  it('waits for what was delivered to be taken', async () => {
    const delivered: number[] = [];
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
    const { promise: first, resolve: isFirst } = Promise.withResolvers<void>();
    const { promise: last, resolve: isLast } = Promise.withResolvers<void>();
    const reader = bench.log.read(0, ({ streamSeq }) => {
      delivered.push(streamSeq);
      if (streamSeq === 1) isFirst();
      if (streamSeq === 5) isLast();
      return streamSeq === 1 ? room : undefined;
    });
    await bench.until(first);
    expect(await lastSeq()).toBe(5);
    expect(delivered).toEqual([1]);
    makeRoom();
    await bench.until(last);
    expect(delivered).toEqual([1, 2, 3, 4, 5]);
    reader.stop();
  });

  it('that was trimmed holds what is gone, and what is left', async () => {
    await bench.purgeTo(3);
    expect(
      await Promise.all([seen[0]!, seen[2]!, seen[3]!].map((message) => holds(cursorOf(message)))),
    ).toEqual([true, true, true]);
    expect(await holds({ ...cursorOf(seen[3]!), messageId: 'another' })).toBe(false);
    expect((await read(0, 2)).map(({ streamSeq }) => streamSeq)).toEqual([4, 5]);
  });

  it('that was trimmed to its end has nothing to read, and goes on with the next number', async () => {
    await bench.purgeTo(5);
    expect(await lastSeq()).toBe(0);
    expect(await holds(cursorOf(seen[4]!))).toBe(true);
    await bench.publish('f');
    expect(await lastSeq()).toBe(6);
    expect((await read(4, 1)).map(({ streamSeq }) => streamSeq)).toEqual([6]);
  });

  it('that began anew does not hold what was there before', async () => {
    await bench.recreate();
    expect(await holds(cursorOf(seen[0]!))).toBe(false);
    await bench.publish('a');
    expect(await holds(cursorOf(seen[0]!))).toBe(false);
    expect(await lastSeq()).toBe(1);
  });
});
