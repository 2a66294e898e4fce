import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessageId } from './ids.ts';
import {
  idempotencyKeyOf,
  isSystemMessageId,
  parseIdempotencyKey,
  type SystemMessageKind,
  systemMessageId,
} from './message-ids.ts';

const printable = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 })
  .filter((text) => parseMessageId(text) !== null);
/** Any name that a later release may give to a kind of commands. */
const laterKind = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/) as fc.Arbitrary<SystemMessageKind>;

test('a key is its own message id, whatever kinds of commands a later release adds', () => {
  fc.assert(
    fc.property(printable, fc.array(laterKind), (text, kinds) => {
      const key = text.startsWith('~') ? null : text;
      expect(parseIdempotencyKey(text)).toBe(key);
      expect(idempotencyKeyOf(text)).toBe(key);
      // The older scheme would have led this key elsewhere as soon as one of these kinds had come.
      for (const kind of kinds) expect(parseIdempotencyKey(`${kind}-17`)).toBe(`${kind}-17`);
    }),
    { numRuns: 5_000 },
  );
});

test('no key is an id that the system makes, for any kind', () => {
  fc.assert(
    fc.property(laterKind, fc.oneof(fc.nat(), fc.uuid()), (kind, rest) => {
      const id = systemMessageId(kind, rest);
      expect(parseMessageId(id)).toBe(id);
      expect(isSystemMessageId(id)).toBe(true);
      expect(parseIdempotencyKey(id)).toBeNull();
      expect(idempotencyKeyOf(id)).toBeNull();
    }),
  );
  expect(systemMessageId('credit', 7)).toBe('~credit/7');
});
