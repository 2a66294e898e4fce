import { LedgerClient } from '@b2b-charge/client';
import type { CallReply, CommandRequest, MessageId, VendorCallName, VendorId } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';

const [OURS, THEIRS] = [12 as VendorId, 15 as VendorId];
const CHARGE = { type: 'charge', phone_number: '+989123456789', amount: '5.00' } as const;
const stack = new AsyncDisposableStack();
let playground: Playground;
let nc: NatsConnection;
let client: LedgerClient;

beforeAll(async () => {
  playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger')));
  const { natsUrl, natsSeeds } = inject('servers');
  nc = stack.adopt(
    await connectNats({ user: 'gateway', url: natsUrl, nkeySeed: natsSeeds.gateway }),
    (connection) => connection.close(),
  );
  const { subjects } = playground;
  client = stack.use(new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'test', lanes: 16 }));
  for (const vendor of [OURS, THEIRS]) {
    await send(vendor, 'open', { type: 'open-vendor', name: `Vendor ${vendor}` });
    await send(vendor, 'credit', { type: 'credit', amount: '100.00' });
  }
});
afterAll(() => stack.disposeAsync());

const send = (vendorId: VendorId, messageId: string, command: CommandRequest) =>
  client.send({
    vendorId,
    command,
    messageId: messageId as MessageId,
    waitMs: 8_000,
    deadlineMs: 10_000,
  });

async function ask(name: VendorCallName, vendor: number | string, body: string): Promise<CallReply> {
  const subject = playground.subjects.vendorCall(name, vendor as number);
  return (await nc.request(subject, body, { timeout: 5_000 })).json();
}

describe('a call on the subject of a vendor', () => {
  test('is about that vendor, named in the body or not', async () => {
    for (const body of ['', '{}', `{"vendor_id":${OURS}}`]) {
      expect(await ask('ledger.query.vendor', OURS, body)).toMatchObject({
        ok: true,
        data: { vendor_id: OURS, balance: '100.00' },
      });
    }
  });

  test.each([
    [`{"vendor_id":${THEIRS},"message_id":"open"}`],
    [`{"vendor_id":"${THEIRS}","message_id":"open"}`],
    ['{'],
    ['null'],
    ['7'],
    ['[]'],
  ])('is refused with the body %s', async (body) => {
    expect(await ask('ledger.query.outcome', OURS, body)).toMatchObject({
      ok: false,
      error: { code: 'BAD_REQUEST' },
    });
  });

  test('is refused for what is no vendor', async () => {
    for (const vendor of ['0', 'x', '012', '99999999999']) {
      expect(await ask('ledger.query.vendor', vendor, '')).toMatchObject({
        ok: false,
        error: { code: 'BAD_REQUEST' },
      });
    }
  });

  test('shows no transaction of another vendor', async () => {
    const reply = await ask('ledger.query.transactions', OURS, '{"limit":100}');
    const { transactions } = (reply as { data: { transactions: { vendor_id: number }[] } }).data;
    expect(transactions).toHaveLength(2);
    expect(new Set(transactions.map(({ vendor_id }) => vendor_id))).toEqual(new Set([OURS]));
  });
});

test('an answer goes to an inbox, and nowhere else that a caller names', async () => {
  const elsewhere = `${playground.subjects.outcomesOf('gateway', 'test')}`.replace('*', 'zz');
  const received: string[] = [];
  const watch = nc.subscribe(elsewhere, {
    callback: (_error, message) => void received.push(message.string()),
  });
  await nc.flush();
  // Of the ledger's own account: the reply subject of another one means a subject of the sender's.
  const query = playground.subjects.call('ledger.query.vendor');
  playground.nc.publish(query, `{"vendor_id":${OURS}}`, { reply: elsewhere });
  await playground.nc.request(query, `{"vendor_id":${OURS}}`);
  // What is asked afterwards is answered afterwards: by then the other answer would be there.
  await ask('ledger.query.vendor', OURS, '');
  await send(OURS, 'later', CHARGE);
  watch.unsubscribe();
  expect(received).toEqual([]);
});

test('an outcome of another command is not taken for the one that is waited for', async () => {
  const { subjects } = playground;
  const forger = stack.adopt(
    await connectNats({
      user: 'ledger',
      url: inject('servers').natsUrl,
      nkeySeed: inject('servers').natsSeeds.ledger,
    }),
    (connection) => connection.close(),
  );
  const theirs = await send(THEIRS, 'theirs', CHARGE);
  // As if JetStream had been asked to deliver an event, or an acknowledgement, to the place of somebody's outcome.
  const forgeries = ['{', 'null', '{"stream":"X","seq":1}', JSON.stringify(theirs)];
  const patient = stack.use(
    new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'patient', lanes: 16 }),
  );
  for (let number = 0; number < 40; number++) {
    const sale = patient.send({
      vendorId: OURS,
      messageId: `mine-${number}` as MessageId,
      command: { ...CHARGE, amount: '1.00' },
      waitMs: 8_000,
      deadlineMs: 10_000,
    });
    for (const forgery of forgeries) {
      forger.publish(subjects.outcome('gateway', `patient.${number.toString(36)}`), forgery);
    }
    expect(await sale).toMatchObject({ transaction: { vendor_id: OURS, message_id: `mine-${number}` } });
  }
});
