import {
  COMMAND_SCHEMAS,
  type CommandRequest,
  fingerprint,
  formatMoney,
  schemaNameOf,
} from '@b2b-charge/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestText, saltedFingerprint } from './command-fingerprint.ts';

const amount = fc
  .tuple(fc.bigInt({ min: 1n, max: 999_999_999_999_999n }), fc.boolean())
  .map(([minor, short]) => (short ? formatMoney(minor).replace(/\.?0+$/, '') : formatMoney(minor)));
const text = fc
  .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
  .filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;

const requests: fc.Arbitrary<CommandRequest> = fc.oneof(
  fc.record({
    type: fc.constant('charge' as const),
    phone_number: fc.constant('+989123456789'),
    amount,
    reference: optional(text),
    metadata: optional(
      fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,9}$/), fc.string(), { maxKeys: 10 }),
    ),
  }),
  fc.record({ type: fc.constant('credit' as const), amount, reference: optional(text) }),
  fc.record({ type: fc.constant('rebuild' as const), reason: optional(text) }),
  fc.record({
    type: fc.constant('reverse' as const),
    transaction_id: fc.constant('01A0C450-96F7-8000-800F-9C0000000002'),
    reason: text,
  }),
  fc.record({
    type: fc.constant('open-vendor' as const),
    name: text,
    daily_limit: optional(fc.option(amount)),
  }),
  fc.record({
    type: fc.constant('update-vendor' as const),
    name: optional(text),
    status: optional(fc.constantFrom('active' as const, 'suspended' as const)),
    daily_limit: optional(fc.option(amount)),
  }),
) as fc.Arbitrary<CommandRequest>;

test("the auditor's own reading of a fingerprint is the publishers' and the ledger's", () => {
  fc.assert(
    fc.property(requests.map(defined), (request) => {
      const { type, ...body } = request;
      const schema = schemaNameOf(type);
      fc.pre(COMMAND_SCHEMAS[schema].safeParse(body).success);
      const travelled: unknown = JSON.parse(JSON.stringify(body));
      for (const salt of [null, 'ab'.repeat(16)])
        expect(saltedFingerprint(requestText(schema, travelled)!, salt)).toBe(fingerprint(request, salt));
    }),
    { numRuns: 300 },
  );
});

test('what cannot be a command has no fingerprint', () => {
  expect(requestText('charge.v2', { amount: '1' })).toBeNull();
  expect(requestText('charge.v1', null)).toBeNull();
  expect(requestText('charge.v1', 'text')).toBeNull();
});
