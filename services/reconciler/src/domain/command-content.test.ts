import { expect, test } from 'vitest';
import { contentOf, detailsAsSent } from './command-content.ts';

const ID = '01A0C450-96F7-8000-800F-9C0000000002';

test.each([
  ['charge.v1', { amount: '1', metadata: { b: '2', a: '1' } }, '{"metadata":{"a":"1","b":"2"}}', null],
  ['charge.v1', { amount: '1' }, null, null],
  ['credit.v1', { amount: '1' }, null, null],
  ['reverse.v1', { transaction_id: ID, reason: 'x' }, '{"reason":"x"}', ID.toLowerCase()],
  ['rebuild.v1', {}, null, null],
  ['rebuild.v1', { reason: 'x' }, '{"reason":"x"}', null],
  ['open-vendor.v1', { name: 'N' }, '{"daily_limit":null,"livemode":true,"name":"N"}', null],
  ['update-vendor.v1', { daily_limit: null }, '{"daily_limit":null}', null],
  ['update-vendor.v1', { status: 'active', name: 'N' }, '{"name":"N","status":"active"}', null],
] as const)('the row of a %s %j has these details', (schema, body, details, resolves) => {
  expect(contentOf(schema, body)).toEqual({ details, resolves });
});

test.each([
  ['charge.v1', null],
  ['charge.v1', 'text'],
  ['charge.v2', {}],
])('%s %j is no command', (schema, body) => {
  expect(contentOf(schema, body)).toBeNull();
});

test.each([
  ['charge', null, null],
  ['charge', '{"limit":"1.00","metadata":{"a":"1"},"used":"0.00"}', '{"metadata":{"a":"1"}}'],
  ['charge', '{"limit":"1.00","used":"0.00"}', null],
  ['reversal', '{"limit":"1.00"}', '{"limit":"1.00"}'],
  ['rebuild', '{"calculated_balance":"0.00","reason":"x","stored_balance":"0.00"}', '{"reason":"x"}'],
  ['charge', 'no JSON', undefined],
  ['charge', '[1]', undefined],
  ['charge', '1', undefined],
])('of the details of a %s, %s, the command sent %s', (type, details, sent) => {
  expect(detailsAsSent(type, details)).toBe(sent);
});
