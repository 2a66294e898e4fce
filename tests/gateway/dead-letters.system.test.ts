import { contentType, HEADERS, laneOf } from '@b2b-charge/contracts';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const NOTE = { note: 'the vendor exists by now' };

/** Publishes as an operator can; resolves to the id of the dead letter that it becomes. */
async function deadLetter(
  vendorId: number,
  key: string,
  command: { schema?: string; body: unknown; source?: string },
) {
  const { nc, subjects } = system.base.playground;
  const head = headers();
  head.set(HEADERS.messageId, key);
  head.set(HEADERS.contentType, contentType(command.schema ?? 'charge.v1'));
  const subject = subjects.command(laneOf(vendorId, 16), command.source ?? 'gateway', vendorId);
  await jetstream(nc).publish(subject, JSON.stringify(command.body), { headers: head });
  const find = async () => {
    const { data } = await system.admin.get('/api/admin/dead-letters/');
    return data.dead_letters.find((one: { message_id: string }) => one.message_id === key)?.id as string;
  };
  await waitFor(async () => (await find()) !== undefined);
  return find();
}

const CHARGE = { body: { phone_number: '+989123456789', amount: '7.00' } };
const resubmit = (id: string, body: unknown) =>
  system.admin.post(`/api/admin/dead-letters/${id}/resubmit/`, body);

test('a sale for a vendor that came to be later: seen first, then sent again, once, with a note of who and why', async () => {
  const before = await system.vendor();
  const id = await deadLetter(before.id + 1, 'too-early', CHARGE);
  const early = await resubmit(id, NOTE);
  expect([early.status, early.code]).toEqual([409, 'NOT_RESUBMITTABLE']);
  expect(early.body.error.details.reason).toContain(`there is no vendor ${before.id + 1}`);

  const vendor = await system.vendor({ balance: '100.00' });
  expect(vendor.id).toBe(before.id + 1);
  const dry = await resubmit(id, { ...NOTE, dry_run: true });
  expect(dry.data).toMatchObject({
    sent: false,
    message_id: 'too-early',
    vendor_id: vendor.id,
    outcome: null,
  });
  expect(JSON.parse(Buffer.from(dry.data.payload_base64, 'base64').toString())).toEqual(CHARGE.body);
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(100);

  const sent = await resubmit(id, NOTE);
  expect(sent.status, sent.text).toBe(200);
  expect(sent.data).toMatchObject({
    sent: true,
    outcome: expect.stringMatching(/^charge \S+ \(posted\)$/),
  });
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(93);
  const { rows } = await system.base.playground.sql(
    "SELECT concat_ws('-', lane, stream_epoch, stream_seq) AS id, message_id, actor, note FROM ledger.resubmissions",
  );
  expect(rows).toEqual([{ id, message_id: 'too-early', actor: 'admin:bootstrap', note: NOTE.note }]);

  const repeat = await resubmit(id, NOTE);
  expect(repeat.body.error.details.reason).toContain('was sent again already, as too-early');
  const again = await resubmit(id, { ...NOTE, again: true });
  expect(again.body.error.details.reason).toContain('its key too-early has an outcome');
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(93);
});

test('two admins at once: the sale is executed once', async () => {
  const before = await system.vendor();
  const id = await deadLetter(before.id + 1, 'raced', CHARGE);
  const vendor = await system.vendor({ balance: '100.00' });
  const answers = await Promise.all([resubmit(id, NOTE), resubmit(id, NOTE), resubmit(id, NOTE)]);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(93);
});

test('what is malformed, or not permitted to its source, stays where it is', async () => {
  const vendor = await system.vendor({ balance: '100.00' });
  const malformed = await deadLetter(vendor.id, 'malformed', { body: { amount: 'much' } });
  expect((await resubmit(malformed, NOTE)).body.error.details.reason).toContain('MALFORMED');
  const forbidden = await deadLetter(vendor.id, 'self-service', {
    schema: 'credit.v1',
    body: { amount: '1000000.00' },
    source: 'billing',
  });
  expect((await resubmit(forbidden, NOTE)).body.error.details.reason).toContain('NOT_PERMITTED');
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(100);
});

test('one that does not exist is not found; without a note nothing is sent', async () => {
  expect((await resubmit('3-1-999999', NOTE)).status).toBe(404);
  expect((await resubmit('anything', NOTE)).status).toBe(400);
  expect((await resubmit('3-1-999999', {})).code).toBe('VALIDATION_ERROR');
});
