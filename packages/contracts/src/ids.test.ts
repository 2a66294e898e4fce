import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_VENDOR_ID,
  parseMessageId,
  parseTransactionId,
  parseVendorId,
  transactionId,
  type VendorId,
} from './ids.ts';

describe('a vendor id', () => {
  it.each([
    ['1', 1],
    ['4711', 4_711],
    ['2147483647', MAX_VENDOR_ID],
  ])('%s is read', (text, id) => {
    expect(parseVendorId(text)).toBe(id);
  });

  it.each([
    '',
    '0',
    '01',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '1\n',
    'x1',
    '1x',
    '2147483648',
    '12345678901',
  ])('is not read from %j', (text) => {
    expect(parseVendorId(text)).toBeNull();
  });
});

describe('a message id', () => {
  it.each([
    ['one character', '~'],
    ['255 characters', 'x'.repeat(255)],
    ['a space within', 'order 7'],
  ])('may be %s', (_, text) => {
    expect(parseMessageId(text)).toBe(text);
  });

  it.each([
    ['empty', ''],
    ['longer', 'x'.repeat(256)],
    ['a space before it', ' a'],
    ['a space behind it', 'a '],
    ['a line feed', 'a\nb'],
    ['a control character', 'a\u007fb'],
    ['another script', 'سفارش'],
    ['a line feed behind it', 'a\n'],
  ])('is none with %s', (_, text) => {
    expect(parseMessageId(text)).toBeNull();
  });
});

describe('a transaction id', () => {
  const places = fc.record({
    vendorId: fc.integer({ min: 1, max: MAX_VENDOR_ID }).map((id) => id as VendorId),
    seq: fc.oneof(
      fc.integer({ min: 1, max: 2 ** 42 - 1 }),
      fc.constantFrom(1, 2 ** 32 - 1, 2 ** 32, 2 ** 42 - 1),
    ),
    createdAtMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  });

  it('is read back as the place that it was made of', () => {
    fc.assert(
      fc.property(places, (place) => {
        const id = transactionId(place);
        expect(parseTransactionId(id)).toEqual({ id, ...place });
        expect(parseTransactionId(id.toUpperCase())).toEqual({ id, ...place });
      }),
    );
  });

  it('is a UUID of version 8', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(transactionId(place)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('sorts by the time of the decision', () => {
    const at = (createdAtMs: number) => transactionId({ vendorId: 7 as VendorId, seq: 1, createdAtMs });
    expect([at(2_000_000_000_000), at(3), at(1_795_521_600_000)].toSorted()).toEqual(
      [3, 1_795_521_600_000, 2_000_000_000_000].map(at),
    );
  });

  const id = transactionId({ vendorId: 7 as VendorId, seq: 5, createdAtMs: 1_795_521_600_000 });
  it.each([
    ['nothing', ''],
    ['something before it', `x${id}`],
    ['something behind it', `${id}x`],
    ['another before it', `${id}${id}`],
    ...[...'0123456789abcdef'].map((digit): [string, string] => [
      `the digit ${digit} before it`,
      `${digit}${id}`,
    ]),
    ['a UUID of version 7', id.replace('-8', '-7')],
    ['another variant', id.replace(/-[89ab](...)-/, '-c$1-')],
    ['the vendor 0', `${id.slice(0, 13)}-8000-8000-000000000005`],
    ['the place 0', transactionId({ vendorId: 7 as VendorId, seq: 0, createdAtMs: 1 })],
    ['a vendor above the largest', `${id.slice(0, 13)}-8fff-bfff-ffff00000005`],
  ])('is not read from %s', (_, text) => {
    expect(parseTransactionId(text)).toBeNull();
  });
});
