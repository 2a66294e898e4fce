import {
  CALLS,
  contentType,
  createSubjects,
  HEADERS,
  laneOf,
  parseMessageId,
  type SystemMessageKind,
  systemMessageId,
} from '@b2b-charge/contracts';
import { keyField } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEntry } from '../../services/ledger/src/log/parse-entry.ts';
import { parsePlainHeaders } from '../../services/ledger/src/log/plain-headers.ts';

/** Where a key leads, along every way that a command takes: it may be the message id alone, in every release. */
const LANES = 16;
const VENDOR = 7;
const subjects = createSubjects();
/** The field of a credit request over NATS. */
const { idempotency_key: keyOverNats } = CALLS['credits.request'].request.shape;
const reading = {
  lane: laneOf(VENDOR, LANES),
  streamEpoch: 1,
  lanes: LANES,
  subjects,
  phoneSaltKey: Buffer.alloc(32),
};

/** The message id under which the ledger decides a charge that was published like this. */
function decidedUnder(messageId: string, source: string): string | null {
  const fields = [
    [HEADERS.messageId, messageId],
    [HEADERS.contentType, contentType('charge.v1')],
  ] as const;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const sent = parsePlainHeaders(`NATS/1.0\r\n${lines.join('')}\r\n`)!;
  const entry = parseEntry(
    {
      subject: subjects.command(reading.lane, source, VENDOR),
      streamSeq: 1,
      timeMs: 0,
      payload: Buffer.from(JSON.stringify({ phone_number: '+989123456789', amount: '1.00' })),
      header: (name) => sent.get(name) ?? '',
      isRepeated: () => false,
      headers: () => [...sent],
    },
    reading,
  );
  return entry.kind === 'command' ? entry.messageId : null;
}

const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 });
/** Any name that a later release may give to a kind of commands. */
const laterKind = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/) as fc.Arbitrary<SystemMessageKind>;
const rest = fc.oneof(fc.nat().map(String), fc.uuid(), fc.stringMatching(/^[0-9a-f]{64}$/));
/** Keys of any form, and keys that look like ids of older, present and later kinds. */
const oldKey = fc
  .oneof(
    printable,
    fc.tuple(laterKind, fc.constantFrom('-', '/', ':', '.', '~', ''), rest).map((parts) => parts.join('')),
    fc.constantFrom(
      'adjust-17',
      'admin-order-7',
      'credit-request-1',
      'key-sha256-0',
      'credit/42',
      'reverse-',
    ),
  )
  .filter((key) => parseMessageId(key) !== null && !key.startsWith('~') && key !== '.' && key !== '..');

test('any old key is the message id of its command, by every way and with any later kinds', () => {
  fc.assert(
    fc.property(oldKey, fc.array(fc.tuple(laterKind, rest)), (key, later) => {
      expect(idempotencyKey({ 'idempotency-key': key }, null, 'en')).toBe(key);
      expect(idempotencyKey({}, keyField.parse(key), 'en')).toBe(key);
      expect(keyOverNats.parse(key)).toBe(key);
      for (const source of ['gateway', 'till']) expect(decidedUnder(key, source)).toBe(key);
      for (const [kind, id] of later) {
        expect(systemMessageId(kind, id)).not.toBe(key);
        // Such a key existed before the kind did, and leads where it led.
        for (const lookalike of [`${kind}-${id}`, `${kind}/${id}`])
          expect(decidedUnder(lookalike, 'till')).toBe(lookalike);
      }
    }),
    { numRuns: 200 },
  );
});

test('no way takes a key that the system could make, for any later kind', () => {
  fc.assert(
    fc.property(laterKind, rest, (kind, id) => {
      const made = systemMessageId(kind, id);
      expect(() => idempotencyKey({ 'idempotency-key': made }, null, 'en')).toThrow();
      expect(keyField.safeParse(made).success).toBe(false);
      expect(keyOverNats.safeParse(made).success).toBe(false);
      expect(decidedUnder(made, 'till')).toBeNull();
      expect(decidedUnder(made, 'credits')).toBe(made);
    }),
  );
});
