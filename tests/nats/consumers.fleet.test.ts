import { createSubjects, laneOf } from '@b2b-charge/contracts';
import {
  ensureStreams,
  jetStreamOptions,
  matchSystemConsumers,
  NatsAwayError,
  startReplay,
} from '@b2b-charge/runtime';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { BILLING, LANES, type UserName } from './access-table.ts';
import { type PermittedServer, startPermittedServer } from './server.ts';

/** What an internal system can do with the rights that it has, on a real server: subjects alone do not say it all. */

const EVENTS = 'LEDGER_EVENTS';
const MEBIBYTE = 1024 ** 2;
const subjects = createSubjects();
const stack = new AsyncDisposableStack();
let permitted: PermittedServer;
let billing: NatsConnection;
let operator: NatsConnection;

const connect = async (user: UserName): Promise<NatsConnection> =>
  stack.adopt(await permitted.connect(user), (connection) => connection.close());

beforeAll(async () => {
  permitted = stack.use(await startPermittedServer());
  operator = await connect('operator');
  await ensureStreams(operator, subjects, {
    replicas: 1,
    commandsMaxBytes: 64 * MEBIBYTE,
    eventsMaxBytes: 64 * MEBIBYTE,
  });
  const ledger = jetstream(await connect('ledger'), { checkAPI: false });
  for (const vendor of [12, 13, 15]) {
    for (const number of [1, 2, 3]) {
      await ledger.publish(subjects.event(vendor, 'charge-posted'), JSON.stringify({ vendor, number }));
    }
  }
  await matchSystemConsumers(operator, subjects, [BILLING]);
  billing = await connect('billing');
});
afterAll(() => stack.disposeAsync());

async function read(durable: string, count: number): Promise<unknown[]> {
  const consumer = await jetstream(billing, jetStreamOptions(billing)).consumers.get(EVENTS, durable);
  const seen: unknown[] = [];
  for await (const message of await consumer.consume({ max_messages: 10 })) {
    seen.push(message.json());
    message.ack();
    if (seen.length === count) break;
  }
  return seen;
}

describe('an internal system', () => {
  test('follows its vendor by the consumer that the operator made, and sees no other vendor', async () => {
    expect(await read('billing_12', 3)).toEqual([1, 2, 3].map((number) => ({ vendor: 12, number })));
    const { consumers } = await jetstreamManager(billing, jetStreamOptions(billing));
    await waitFor(async () => (await consumers.info(EVENTS, 'billing_12')).ack_floor.consumer_seq === 3);
    expect((await consumers.info(EVENTS, 'billing_12')).num_pending).toBe(0);
  });

  test('reads again from a point by its second consumer, as often as the operator makes it', async () => {
    for (let round = 0; round < 2; round++) {
      await startReplay(operator, subjects, { system: BILLING, vendor: 12, from: { sequence: 2 } });
      expect(await read('billing_12_replay', 1)).toEqual([{ vendor: 12, number: 2 }]);
    }
  });

  test('makes, changes and deletes no consumer, its own neither', async () => {
    const { consumers } = await jetstreamManager(billing, jetStreamOptions(billing));
    const elsewhere = { durable_name: 'billing_12', deliver_subject: 'ledger.events.13.charge-posted' };
    await expect(consumers.add(EVENTS, elsewhere)).rejects.toThrow(/permission/i);
    await expect(consumers.update(EVENTS, 'billing_12', elsewhere)).rejects.toThrow(/permission/i);
    await expect(consumers.delete(EVENTS, 'billing_12')).rejects.toThrow(/permission/i);
  });

  test('whose vendors change has the consumers of those that it has', async () => {
    const changed = { name: 'billing', vendors: [12] };
    expect(await matchSystemConsumers(operator, subjects, [changed])).toEqual([
      'consumer billing_15: deleted',
    ]);
    expect(await matchSystemConsumers(operator, subjects, [BILLING])).toEqual(['consumer billing_15: made']);
    expect(await matchSystemConsumers(operator, subjects, [BILLING])).toEqual([]);
  });

  test('publishes its commands, and is told that the log has them', async () => {
    const js = jetstream(billing, jetStreamOptions(billing));
    const ack = await js.publish(subjects.command(laneOf(15, LANES), 'billing', 15), '{}');
    expect(ack.stream).toBe('LEDGER_COMMANDS');
  });

  test('is refused what is larger than a command may be, and told so', async () => {
    const js = jetstream(billing, jetStreamOptions(billing));
    const publishing = js.publish(subjects.command(laneOf(15, LANES), 'billing', 15), 'x'.repeat(65 * 1024));
    await expect(publishing).rejects.toThrow(/size/i);
  });
});

test('a user that is taken away is cut off, does not come back, and nobody else notices', async () => {
  const reports = await permitted.connect('reports');
  await permitted.revoke('reports');
  await reports.closed();
  await expect(permitted.connect('reports')).rejects.toThrow(NatsAwayError);
  expect(await billing.rtt()).toBeGreaterThanOrEqual(0);
});
