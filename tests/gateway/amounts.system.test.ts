import { call, connectNats } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

test('the largest amount comes out as it went in, and what is above it is refused by its name', async () => {
  const { api } = await system.vendor({ balance: '9999999999999.99' });
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(9_999_999_999_999.99);
  const asked = await api.post('/api/credits/request/', '{"amount":9999999999999.99}');
  expect([asked.status, asked.data.amount]).toEqual([201, 9_999_999_999_999.99]);
  for (const amount of ['70368744177664.01', '"70368744177664.01"', '10000000000000']) {
    const refused = await api.post('/api/credits/request/', `{"amount":${amount}}`);
    expect(refused.status, amount).toBe(400);
    expect(refused.body.error.details.fields).toEqual([
      { field: 'amount', message: 'At most 9999999999999.99' },
    ]);
  }
});

test('between services, too, the refusal names the field and the bound', async () => {
  const { natsUrl, natsSeeds } = inject('servers');
  const nc = await connectNats({ user: 'gateway', url: natsUrl, nkeySeed: natsSeeds.gateway });
  const asked = { vendor_id: 1, amount: '70368744177664.01', requested_by: 'token:7' };
  const { subjects } = system.base.playground;
  try {
    const refused = call({ nc, subjects }, 'credits.request', asked);
    await expect(refused).rejects.toThrow('amount: must be at most 9999999999999.99');
  } finally {
    await nc.close();
  }
});

test.each([
  `INSERT INTO credits.requests (vendor_id, amount, requested_by, approvals_needed, business_day)
   VALUES (1, $1, 'token:1', 1, '2026-11-23')`,
  `INSERT INTO credits.outbox (request_id, vendor_id, amount, message_id, principal)
   VALUES (1, 1, $1, '~credit/1', 'token:1')`,
  `INSERT INTO credits.vendor_limits (vendor_id, daily_limit, set_by) VALUES (1, $1, 'sara')`,
])('the database refuses an amount above the maximum: %s', async (insert) => {
  await expect(system.base.playground.sql(insert, ['1000000000000000'])).rejects.toMatchObject({
    code: '23514',
  });
});
