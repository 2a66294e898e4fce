import { createSubjects, laneOf } from '@b2b-charge/contracts';
import { ensureStreams } from '@b2b-charge/runtime';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { LANES, type UserName } from './access-table.ts';
import { type PermittedServer, startPermittedServer } from './server.ts';

/** What an internal system can do with the rights that it has, on a real server: subjects alone do not say it all. */

const EVENTS = 'LEDGER_EVENTS';
const MEBIBYTE = 1024 ** 2;
const subjects = createSubjects();
const stack = new AsyncDisposableStack();
let permitted: PermittedServer;
let billing: NatsConnection;

const connect = async (user: UserName): Promise<NatsConnection> =>
  stack.adopt(await permitted.connect(user), (connection) => connection.close());

beforeAll(async () => {
  permitted = stack.use(await startPermittedServer());
  const operator = await connect('operator');
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
  billing = await connect('billing');
});
afterAll(() => stack.disposeAsync());

interface ApiReply {
  readonly error?: { readonly err_code: number; readonly description: string };
}

/** Asks JetStream to make a consumer, on the subject that permits one of vendor 12. */
async function create(
  config: object,
  { name = 'billing_12', filter = 'ledger.events.12.>', stream = EVENTS } = {},
): Promise<ApiReply> {
  const body = JSON.stringify({
    stream_name: stream,
    config: { durable_name: name, ack_policy: 'explicit', ...config },
  });
  const reply = await billing.request(`$JS.API.CONSUMER.CREATE.${EVENTS}.${name}.${filter}`, body);
  return reply.json();
}

describe('an internal system', () => {
  test('follows its vendor by a durable consumer, and sees no other vendor', async () => {
    const manager = await jetstreamManager(billing, { checkAPI: false });
    await manager.consumers.add(EVENTS, {
      durable_name: 'billing_12',
      filter_subject: 'ledger.events.12.>',
      ack_policy: AckPolicy.Explicit,
    });
    const consumer = await jetstream(billing, { checkAPI: false }).consumers.get(EVENTS, 'billing_12');
    const seen: unknown[] = [];
    for await (const message of await consumer.consume({ max_messages: 10 })) {
      seen.push(message.json());
      message.ack();
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([1, 2, 3].map((number) => ({ vendor: 12, number })));
    await waitFor(async () => (await consumer.info()).ack_floor.consumer_seq === 3);
    expect((await consumer.info()).num_pending).toBe(0);
  });

  test('reads again from a point by its second consumer', async () => {
    const manager = await jetstreamManager(billing, { checkAPI: false });
    for (let round = 0; round < 2; round++) {
      await manager.consumers.add(EVENTS, {
        durable_name: 'billing_12_replay',
        filter_subject: 'ledger.events.12.>',
        ack_policy: AckPolicy.Explicit,
        deliver_policy: 'by_start_sequence',
        opt_start_seq: 2,
      });
      const consumer = await jetstream(billing, { checkAPI: false }).consumers.get(
        EVENTS,
        'billing_12_replay',
      );
      const first = await consumer.next();
      expect(first?.json()).toEqual({ vendor: 12, number: 2 });
      await manager.consumers.delete(EVENTS, 'billing_12_replay');
    }
  });

  test.each<[string, object]>([
    ['with the filter of another vendor in the body', { filter_subject: 'ledger.events.13.>' }],
    ['with a filter over all vendors in the body', { filter_subject: 'ledger.events.>' }],
    ['without a filter in the body', {}],
    ['with further filters in the body', { filter_subjects: ['ledger.events.13.>', 'ledger.events.12.>'] }],
    [
      'with a filter by the subject and others beside it',
      { filter_subject: 'ledger.events.12.>', filter_subjects: ['ledger.events.13.>'] },
    ],
    ['under another name in the body', { filter_subject: 'ledger.events.12.>', durable_name: 'credits' }],
    ['of another name in the body', { filter_subject: 'ledger.events.12.>', name: 'credits' }],
  ])('gets no consumer %s', async (_, config) => {
    const name = 'billing_12_replay';
    const reply = await create(config, { name });
    // What an older server does not know it leaves out, and makes ours of the rest.
    if (!reply.error) {
      const info = (await billing.request(`$JS.API.CONSUMER.INFO.${EVENTS}.${name}`)).json<{
        config: { filter_subject: string };
      }>();
      expect(info.config.filter_subject).toBe('ledger.events.12.>');
      await billing.request(`$JS.API.CONSUMER.DELETE.${EVENTS}.${name}`);
      return;
    }
    expect(reply.error.err_code).toBeGreaterThan(10_000);
  });

  test('gets no consumer of another stream by naming it in the body', async () => {
    const reply = await create(
      { filter_subject: 'ledger.events.12.>' },
      { name: 'billing_12_replay', stream: 'LEDGER_COMMANDS' },
    );
    expect(reply.error).toBeDefined();
  });

  test('publishes its commands, and is told that the log has them', async () => {
    const js = jetstream(billing, { checkAPI: false });
    const ack = await js.publish(subjects.command(laneOf(15, LANES), 'billing', 15), '{}');
    expect(ack.stream).toBe('LEDGER_COMMANDS');
  });

  test('is refused what is larger than a command may be, and told so', async () => {
    const js = jetstream(billing, { checkAPI: false });
    const publishing = js.publish(subjects.command(laneOf(15, LANES), 'billing', 15), 'x'.repeat(65 * 1024));
    await expect(publishing).rejects.toThrow(/size/i);
  });
});

test('a system that has its answers sent to where others listen sends them nothing that could be taken for theirs', async () => {
  // JetStream and the server send an answer wherever the question says: permissions do not reach that far.
  const gateway = await connect('gateway');
  const received: string[] = [];
  gateway.subscribe('ledger.outcomes.gateway.>', {
    callback: (_error, message) => void received.push(message.string()),
  });
  await gateway.flush();
  billing.publish(subjects.command(laneOf(12, LANES), 'billing', 12), '{}', {
    reply: 'ledger.outcomes.gateway.a.1',
  });
  await waitFor(() => received.length > 0);
  expect(received.every((text) => JSON.parse(text).stream === 'LEDGER_COMMANDS')).toBe(true);
});

test('a user that is taken away is cut off, does not come back, and nobody else notices', async () => {
  const reports = await permitted.connect('reports');
  await permitted.revoke('reports');
  await reports.closed();
  await expect(permitted.connect('reports')).rejects.toThrow(/authorization/i);
  expect(await billing.rtt()).toBeGreaterThanOrEqual(0);
});
