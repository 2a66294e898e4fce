import type { TransactionView } from '@b2b-charge/contracts';
import { headers } from '@nats-io/transport-node';
import { expect, test, vi } from 'vitest';
import type { FeedFilter } from './feed.ts';
import { FeedEvent } from './feed-event.ts';
import { Looker } from './looker.ts';

const transaction = (seq: number, vendor_id = 1): TransactionView => ({
  transaction_id: `01a206e1-0000-8000-8000-${String(vendor_id * 1e6 + seq).padStart(12, '0')}`,
  vendor_id,
  seq,
  type: 'charge',
  amount: '10.00',
  phone_number: '+989123456789',
  balance_before: '10.00',
  balance_after: '0.00',
  currency: 'IRT',
  phone_erased: false,
  status: 'posted',
  reason: null,
  message_id: `key-${seq}`,
  idempotency_key: `key-${seq}`,
  principal: 'token:1',
  source: 'gateway',
  reference: null,
  metadata: null,
  resolves: null,
  operator: null,
  livemode: true,
  business_day: '2026-11-23',
  details: null,
  created_at: '2026-11-23T12:00:00.000Z',
});
const event = (seq: number, { vendor = 1, kind = 'charge-posted' } = {}) =>
  heard(
    `ledger.events.${vendor}.${kind}`,
    JSON.stringify({ outcome: 'posted', replayed: false, transaction: transaction(seq, vendor) }),
    transaction(seq, vendor).transaction_id,
  );
function heard(subject: string, data: string, id: string): FeedEvent {
  const head = headers();
  head.set('Nats-Msg-Id', id);
  return new FeedEvent({ subject, data: Buffer.from(data), headers: head });
}

function look(filter: Partial<FeedFilter> = {}) {
  const onEnd = vi.fn();
  const looker = new Looker({
    filter: { vendorId: undefined, type: undefined, ...filter },
    row: ({ seq, vendor_id }) => `<tr>\n  <td>${vendor_id}/${seq}</td></tr>`,
    onEnd,
  });
  const read = async () => {
    looker.end();
    return new Response(looker.stream).text();
  };
  return { looker, onEnd, read };
}

test('a row is one line under the id of its transaction, and comes once', async () => {
  const { looker, read } = look();
  looker.offer(event(1));
  looker.offer(event(1));
  looker.show(transaction(1));
  const text = await read();
  expect(text).toContain(
    `id: ${transaction(1).transaction_id}\nevent: outcome\ndata: <tr> <td>1/1</td></tr>\n\n`,
  );
  expect(text.match(/event: outcome/g)).toHaveLength(1);
});

test('an outcome is known by its id before it is read', () => {
  const { transaction_id: id } = transaction(9);
  expect(heard('ledger.events.1.charge-posted', '{', id)).toMatchObject({ id, transaction: null });
  expect(new FeedEvent({ subject: 'ledger.events.1.charge-posted', data: Buffer.from('{') }).id).toBe('');
});

test('other vendors, other kinds, and what cannot be read are left out', async () => {
  const { looker, read } = look({ vendorId: 1, type: 'charge' });
  looker.offer(event(1, { vendor: 2 }));
  looker.offer(event(2, { kind: 'credit-posted' }));
  looker.offer(heard('ledger.events.1.charge-posted', '{', transaction(9).transaction_id));
  looker.offer(event(3, { kind: 'charge-rejected' }));
  expect((await read()).match(/<td>.*<\/td>/g)).toEqual(['<td>1/3</td>']);
});

test('in a second forty are shown and the others counted', async () => {
  const { looker, read } = look();
  for (let seq = 0; seq < 100; seq++) looker.offer(event(seq));
  looker.tick();
  looker.offer(event(200));
  const text = await read();
  expect(text.match(/event: outcome/g)).toHaveLength(41);
  expect(text).toContain('event: skipped\ndata: 60\n');
});

test('a browser that does not read is let go, and told so', async () => {
  const { looker, onEnd, read } = look();
  for (let seq = 0; seq < 1_000; seq++) looker.show(transaction(seq));
  expect(onEnd).toHaveBeenCalledOnce();
  const text = await read();
  expect(text.match(/event: outcome/g)).toHaveLength(199);
  expect(text.endsWith('event: slow\ndata:\n\n')).toBe(true);
});

test('a stream ends after a while, so that whoever looks is asked for again; until then it shows that it lives', async () => {
  const { looker, onEnd, read } = look();
  for (let tick = 0; tick < 59; tick++) looker.tick();
  expect(onEnd).not.toHaveBeenCalled();
  looker.tick();
  expect(onEnd).toHaveBeenCalledOnce();
  expect(await read()).toContain(': still here');
});
