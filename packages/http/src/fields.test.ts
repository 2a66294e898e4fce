import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { amountField, limitField } from './fields.ts';
import { describeIssues } from './issues.ts';
import { en } from './messages/en.ts';
import { SchemaCollector } from './openapi/json-schema.ts';
import { parseStrictJson } from './strict-json.ts';

const BOUND = '9999999999999.99';
const FORM = en.field_amount;
const ABOVE = en.field_amount_above_maximum;

const sentenceFor = (schema: z.ZodType, source: string): string | null => {
  const input = parseStrictJson(`{"amount":${source}}`);
  const parsed = z.object({ amount: schema }).safeParse(input);
  return parsed.success ? null : describeIssues(parsed.error, input, 'en')[0]!.message;
};

test('the bound stands in the sentence about it', () => expect(ABOVE).toContain(BOUND));

test.each([
  ['0.01', null],
  ['50000', null],
  ['"50000.5"', null],
  [BOUND, null],
  [`"${BOUND}"`, null],
  ['10000000000000', ABOVE],
  ['"10000000000000"', ABOVE],
  ['70368744177664.01', ABOVE],
  ['"70368744177664.01"', ABOVE],
  ['99999999999999.99', ABOVE],
  ['"99999999999999.99"', ABOVE],
  [`1${'0'.repeat(30)}`, ABOVE],
  ['0', FORM],
  ['"0"', FORM],
  ['"0.00"', FORM],
  ['-1', FORM],
  ['1e3', FORM],
  ['1.005', FORM],
  ['"1.005"', FORM],
  ['true', FORM],
])('an amount of %s is refused with: %s', (source, sentence) => {
  expect(sentenceFor(amountField, source)).toBe(sentence);
});

test.each([
  ['0', null],
  ['null', null],
  ['"0.00"', null],
  [BOUND, null],
  ['10000000000000', ABOVE],
  ['"10000000000000"', ABOVE],
  ['-1', en.field_limit],
])('a limit of %s is refused with: %s', (source, sentence) => {
  expect(sentenceFor(limitField, source)).toBe(sentence);
});

test.each([
  ['amount', amountField],
  ['limit', limitField],
] as const)('the published schema of an %s accepts what the API accepts, and nothing else', (_, field) => {
  const described = new SchemaCollector().of(field, 'input');
  const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(described);
  const numbers = [
    '0',
    '0.01',
    '-1',
    '50000',
    BOUND,
    '10000000000000',
    '70368744177664.01',
    '99999999999999.99',
  ];
  const texts = [...numbers, '0.00', '1.005', '01', '1e3', ''].map((text) => JSON.stringify(text));
  for (const source of [...numbers, ...texts, 'true', 'null']) {
    expect(accepts(JSON.parse(source)), source).toBe(sentenceFor(field, source) === null);
  }
});

test('numbers are doubles with both bounds, where generators read them', () => {
  const { anyOf } = new SchemaCollector().of(amountField, 'input') as { anyOf: unknown };
  expect(anyOf).toContainEqual({
    type: 'number',
    format: 'double',
    minimum: 0.01,
    maximum: 9_999_999_999_999.99,
  });
});
