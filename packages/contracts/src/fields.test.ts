import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decimal, total } from './fields.ts';
import { CALLS, type CallName } from './queries.ts';
import { balanceCopyKey } from './redis-keys.ts';

const accepts = (name: CallName, request: object): boolean => CALLS[name].request.safeParse(request).success;
const text = (length: number): string => 'x'.repeat(length);
const credit = (change: object = {}) => ({
  vendor_id: 7,
  amount: '1.00',
  requested_by: 'token:1',
  ...change,
});
const webhook = (change: object = {}) => ({
  vendor_id: 7,
  url: 'https://example.com',
  event_types: ['charge-posted'],
  by: 'ops',
  ...change,
});
const resubmit = (id: string) => ({ id, note: 'x', by: 'ops' });

const bounds: [field: string, name: CallName, accepted: object[], refused: object[]][] = [
  [
    'a vendor id',
    'ledger.query.vendor',
    [{ vendor_id: 1 }, { vendor_id: 2_147_483_647 }],
    [{}, { vendor_id: 0 }, { vendor_id: 2_147_483_648 }, { vendor_id: 1.5 }, { vendor_id: '7' }],
  ],
  [
    'an instant',
    'ledger.query.balance-at',
    [
      { vendor_id: 7, at: '2026-11-24T12:00:00Z' },
      { vendor_id: 7, at: '2026-11-24T15:30:00+03:30' },
    ],
    [
      { vendor_id: 7, at: '2026-11-24' },
      { vendor_id: 7, at: '2026-11-24T12:00:00' },
    ],
  ],
  [
    'who acts',
    'credits.approve',
    [
      { id: 1, principal: 'token:1', by: 'x' },
      { id: 1, principal: 'token:1', by: text(100) },
    ],
    [
      { id: 1, principal: 'token:1' },
      { id: 1, principal: 'token:1', by: '' },
      { id: 1, principal: 'token:1', by: text(101) },
    ],
  ],
  [
    'the principal',
    'credits.approve',
    [
      { id: 1, by: 'x', principal: 'token:17' },
      { id: 1, by: 'x', principal: 'operator:sara' },
    ],
    [
      { id: 1, by: 'x' },
      { id: 1, by: 'x', principal: 'sara' },
      { id: 1, by: 'x', principal: 'token:a b' },
    ],
  ],
  [
    'where from',
    'credits.approve',
    [
      { id: 1, principal: 'token:1', by: 'ops', origin: null },
      { id: 1, principal: 'token:1', by: 'ops', origin: text(200) },
    ],
    [{ id: 1, principal: 'token:1', by: 'ops', origin: text(201) }],
  ],
  ['a cursor', 'credits.list', [{ cursor: null }, { cursor: text(64) }], [{ cursor: text(65) }]],
  ['a page', 'credits.list', [{}, { limit: 1 }, { limit: 1_000 }], [{ limit: 0 }, { limit: 1_001 }]],
  [
    'the reason of a refusal',
    'credits.reject',
    [
      { id: 1, principal: 'token:1', by: 'ops', reason: 'x' },
      { id: 1, principal: 'token:1', by: 'ops', reason: text(200) },
    ],
    [
      { id: 1, principal: 'token:1', by: 'ops' },
      { id: 1, principal: 'token:1', by: 'ops', reason: '' },
      { id: 1, principal: 'token:1', by: 'ops', reason: text(201) },
    ],
  ],
  [
    'the id of a dead letter',
    'ledger.admin.resubmit-dead-letter',
    [resubmit('0-1-1'), resubmit('99999-1234567890-1234567890123456')],
    ['x0-1-1', '0-1-1x', '1-1', 'a-1-1', '0-a-1', '0-1-a', '123456-1-1', '0-12345678901-1'].map(resubmit),
  ],
  [
    'a webhook',
    'webhooks.create',
    [
      webhook(),
      webhook({ url: text(2_048), description: text(100) }),
      webhook({ event_types: ['charge-posted', 'charge-rejected', 'credit-posted'] }),
    ],
    [
      webhook({ url: '' }),
      webhook({ url: text(2_049) }),
      webhook({ description: text(101) }),
      webhook({ event_types: [] }),
      webhook({ event_types: ['rebuild-posted'] }),
      webhook({ event_types: Array.from({ length: 8 }, () => 'charge-posted') }),
      webhook({ by: undefined }),
    ],
  ],
  [
    'the key of a credit request',
    'credits.request',
    [credit(), credit({ idempotency_key: 'order 7' }), credit({ idempotency_key: null })],
    [
      credit({ idempotency_key: '~credit/7' }),
      credit({ idempotency_key: '' }),
      credit({ idempotency_key: 'x'.repeat(256) }),
      credit({ idempotency_key: 'a\n' }),
    ],
  ],
  [
    'the id of a webhook',
    'webhooks.delete',
    [
      { vendor_id: 7, id: 1, by: 'ops' },
      { vendor_id: 7, id: 2_147_483_647, by: 'ops' },
    ],
    [
      { vendor_id: 7, id: 0, by: 'ops' },
      { vendor_id: 7, id: 2_147_483_648, by: 'ops' },
      { id: 1, principal: 'token:1', by: 'ops' },
      { vendor_id: 7, by: 'ops' },
    ],
  ],
  [
    'the overlap of two secrets',
    'webhooks.rotate-secret',
    [{ vendor_id: 7, id: 1, by: 'ops', overlap_s: 604_800 }],
    [{ vendor_id: 7, id: 1, by: 'ops', overlap_s: 604_801 }],
  ],
  [
    'the span of a query for sales',
    'ledger.query.sales',
    [{ from: '2026-11-23T00:00:00Z', to: '2026-11-24T02:00:00Z' }],
    [{ from: '2026-11-23T00:00:00Z', to: '2026-11-24T02:00:01Z' }],
  ],
  [
    'a filter of transactions',
    'ledger.query.transactions',
    [{}, { type: 'charge', status: 'posted' }, { status: 'rejected' }],
    [{ type: 'sale' }, { status: 'approved' }],
  ],
];

describe('a call', () => {
  it.each(bounds)('takes %s within its bounds alone', (_, name, accepted, refused) => {
    for (const request of accepted) expect(accepts(name, request), JSON.stringify(request)).toBe(true);
    for (const request of refused) expect(accepts(name, request), JSON.stringify(request)).toBe(false);
  });

  it('for a page without a limit gets fifty', () => {
    expect(CALLS['credits.list'].request.parse({})).toMatchObject({ limit: 50, oldest_first: false });
  });
});

it('a vendor’s balance is copied to a key of its own in its namespace', () => {
  expect(balanceCopyKey('test:', 7)).toBe('test:balance:7');
});

const isOf = (field: z.ZodType) =>
  new Ajv({ strict: false }).compile(z.toJSONSchema(field, { target: 'draft-7' }));

describe('the published schema of what goes out', () => {
  it.each([
    [
      'an amount',
      decimal,
      ['0.00', '9999999999999.99'],
      ['-0.01', '10000000000000.00', '1.0', '1', 'x1.00', '1.00x'],
    ],
    [
      'a total',
      total,
      ['0.00', '-0.01', '10000000000000.00'],
      ['1.0', '1.000', '1', '--1.00', 'x1.00', '1.00x'],
    ],
  ])('is of %s with two decimals', (_, field, takes, refuses) => {
    const accept = isOf(field);
    const { examples } = field.meta() as { examples: string[] };
    expect(examples).not.toEqual([]);
    for (const text of [...examples, ...takes]) expect(accept(text), text).toBe(true);
    for (const text of refuses) expect(accept(text), text).toBe(false);
  });
});
