import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

test('a vendor sells a charge from approved credit', async () => {
  const { api } = await system.createVendor({ balance: '1000000.00' });
  const sold = await api.sell({ phone_number: '+989123456789', amount: 50000.0 });
  expect(sold.body).toEqual({
    success: true,
    message: 'Charge sold successfully',
    data: {
      transaction_id: expect.any(String),
      phone_number: '+989123456789',
      amount: 50_000,
      balance_before: 1_000_000,
      balance_after: 950_000,
      idempotency_key: expect.any(String),
      created_at: expect.any(String),
    },
  });
});
