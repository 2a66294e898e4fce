import { contentType, HEADERS, laneOf } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';
import { publishedSchemas } from '../published-schemas.ts';

/** What the ledger says on the wire, held against the published schemas; no client of ours in between. */

const VENDOR = 12;
const SALE = { phone_number: '+989123456789', amount: '10.00' };
const schemas = publishedSchemas();
const stack = new AsyncDisposableStack();
let playground: Playground;
let nc: NatsConnection;
let next = 0;

beforeAll(async () => {
  playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger')));
  const { natsUrl, natsSeeds } = inject('servers');
  nc = stack.adopt(
    await connectNats({ user: 'gateway', url: natsUrl, nkeySeed: natsSeeds.gateway }),
    (connection) => connection.close(),
  );
  await send('open-vendor.v1', 'open', { name: 'TechCorp' });
  await send('credit.v1', 'credit', { amount: '100.00' });
});
afterAll(() => stack.disposeAsync());

/** Publishes as any client might, and resolves with what comes back on the reply token's subject. */
async function send(schema: string, key: string, body: unknown, more: Record<string, string> = {}) {
  const { subjects } = playground;
  const token = `plain.${next++}`;
  const head = headers();
  head.set(HEADERS.messageId, key);
  head.set(HEADERS.contentType, contentType(schema));
  head.set(HEADERS.replyToken, token);
  for (const [name, text] of Object.entries(more)) head.set(name, text);
  const reply = nc.subscribe(subjects.outcome('gateway', token), { max: 1, timeout: 10_000 });
  nc.publish(subjects.command(laneOf(VENDOR, 16), 'gateway', VENDOR), JSON.stringify(body), {
    headers: head,
  });
  for await (const message of reply) return message.json<Record<string, unknown>>();
  throw new Error('no outcome');
}

const check = (name: string, json: unknown) => {
  const validate = schemas[name]!;
  validate(json);
  expect(validate.errors ?? [], `${name}: ${JSON.stringify(json)}`).toEqual([]);
};

describe('the outcome is as published', () => {
  test.each<[string, string, unknown, Record<string, string>, object]>([
    ['posted', 'charge.v1', SALE, {}, { outcome: 'posted' }],
    ['rejected', 'charge.v1', { ...SALE, amount: '1000.00' }, {}, { code: 'INSUFFICIENT_BALANCE' }],
    ['expired', 'charge.v1', SALE, { [HEADERS.expiresAt]: '1970-01-01T00:00:00Z' }, { outcome: 'expired' }],
    ['malformed', 'charge.v1', { ...SALE, amount: 10 }, {}, { reason: 'MALFORMED' }],
    ['of a limit', 'update-vendor.v1', { daily_limit: null }, {}, { outcome: 'posted' }],
    ['of a rebuild', 'rebuild.v1', {}, {}, { outcome: 'posted' }],
  ])('%s', async (name, schema, body, more, expected) => {
    const outcome = await send(schema, `key-${name}`, body, more);
    expect(outcome).toMatchObject(expected);
    check('outcome.v1', outcome);
  });

  test('replayed, and of a key used again', async () => {
    await send('charge.v1', 'twice', SALE);
    const again = await send('charge.v1', 'twice', SALE);
    expect(again).toMatchObject({ outcome: 'posted', replayed: true });
    const other = await send('charge.v1', 'twice', { ...SALE, amount: '11.00' });
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', transaction: null });
    for (const outcome of [again, other]) check('outcome.v1', outcome);
  });
});

test.each(['charge.v2', 'charge.v10', 'refund.v1', 'charge', ''])(
  'the unknown version "%s" is answered as a dead letter, and leaves the key free',
  async (schema) => {
    const key = `version-${schema}`;
    const dead = await send(schema, key, SALE);
    expect(dead).toMatchObject({ outcome: 'dead-letter', reason: 'UNKNOWN_SCHEMA', message_id: key });
    check('outcome.v1', dead);
    expect(await send('charge.v1', key, { ...SALE, amount: '1.00' })).toMatchObject({
      outcome: 'posted',
      replayed: false,
    });
  },
);

/** Everything that a stream holds when as many messages are in it as are expected. */
async function read(stream: string, count: number) {
  const consumer = await jetstream(playground.nc).consumers.get(stream);
  const found = [];
  for await (const message of await consumer.consume({ max_messages: 1_000 })) {
    found.push(message);
    if (found.length >= count) break;
  }
  return found;
}

test('every event is as published: one per transaction, its id as Nats-Msg-Id', async () => {
  const { rows } = await playground.sql('SELECT id FROM ledger.transactions');
  const events = await read(playground.subjects.streams.events, rows.length);
  const ids = new Set(events.map(({ headers: head }) => head?.get('Nats-Msg-Id')));
  expect(ids).toEqual(new Set(rows.map(({ id }) => id)));
  for (const event of events) {
    check('event.v1', event.json());
    const { transaction } = event.json<{
      transaction: { vendor_id: number; type: string; status: string };
    }>();
    const kind = `${transaction.type}-${transaction.status}`;
    expect(event.subject).toBe(playground.subjects.event(transaction.vendor_id, kind));
  }
});

test('every dead letter is as published', async () => {
  const { rows } = await playground.sql('SELECT count(*)::int AS count FROM ledger.dead_letters');
  expect(rows[0].count).toBeGreaterThan(4);
  for (const letter of await read(playground.subjects.streams.deadLetters, rows[0].count)) {
    check('dead-letter.v1', letter.json());
  }
});

test.each([
  ['ledger.query.outcome', { message_id: 'open' }],
  ['ledger.query.outcome', { message_id: 'never', expires_at: '2020-01-01T00:00:00Z' }],
  ['ledger.query.outcome', {}],
  ['ledger.query.vendor', {}],
  ['ledger.query.transactions', { type: 'charge', summary: true, limit: 2 }],
] as const)('question and answer of %s are as published: %j', async (name, request) => {
  if ('message_id' in request || name !== 'ledger.query.outcome') check(`${name}.request.v1`, request);
  const reply = await nc.request(playground.subjects.vendorCall(name, VENDOR), JSON.stringify(request));
  check(`${name}.reply.v1`, reply.json());
});
