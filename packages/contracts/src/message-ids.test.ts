import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MessageId, parseMessageId } from './ids.ts';
import { messageIdOfKey, SYSTEM_MESSAGE_KINDS, systemMessageId } from './message-ids.ts';

const keys = fc
  .oneof(
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }),
    fc
      .tuple(fc.constantFrom(...SYSTEM_MESSAGE_KINDS), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }))
      .map(([kind, rest]) => `${kind}-${rest}`),
  )
  .filter((text) => parseMessageId(text) !== null)
  .map((text) => text as MessageId);

test('no key takes an id of the system, every key has an id, and no two keys share one', () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(keys, (key) => {
      const id = messageIdOfKey(key);
      expect(parseMessageId(id)).toBe(id);
      const kind = SYSTEM_MESSAGE_KINDS.find((one) => id.startsWith(`${one}-`));
      expect([undefined, 'key-sha256']).toContain(kind);
      expect(seen.get(id) ?? key).toBe(key);
      seen.set(id, key);
    }),
    { numRuns: 5_000 },
  );
});

test('ordinary keys stand as they are', () => {
  for (const key of ['order-1', 'reverse', 'credit-requests-1', 'Admin-7']) {
    expect(messageIdOfKey(key as MessageId)).toBe(key);
  }
  expect(systemMessageId('credit-request', 7)).toBe('credit-request-7');
});
