import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  COMMAND_SCHEMAS,
  type CommandSchemaName,
  fnv1a32,
  HEADER_RULES,
  HEADERS,
  isCommandSchema,
  PRINCIPAL,
  parseIdempotencyKey,
  REPLY_TOKEN,
  schemaOf,
} from '@b2b-charge/contracts';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { publishedSchemas, readDocument } from '../../tests/published-schemas.ts';

const schemas = publishedSchemas();
const document = readDocument('asyncapi.json');

describe('the AsyncAPI document', () => {
  // The schema brings the draft 7 meta schema along; two of a name would be one too many.
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false });
  const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
  const isAsyncApi = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));

  it('is one of AsyncAPI 3', () => {
    isAsyncApi(document);
    expect(isAsyncApi.errors).toBeNull();
  });

  it.each([
    ['an operation without a channel', { operations: { x: { action: 'send' } } }],
    ['a channel with a field that does not exist', { channels: { x: { adress: 'y' } } }],
    ['no title', { info: { version: '1' } }],
  ])('would not be one with %s', (_, change) => {
    expect(isAsyncApi({ ...document, ...change })).toBe(false);
  });

  it('has no reference that leads nowhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path!,
    );
    expect(references.length).toBeGreaterThan(50);
    for (const path of references) {
      const found = path.split('/').reduce((node, name) => node?.[name], document);
      expect(found, path).toBeDefined();
    }
  });

  it('has a message for every published schema', () => {
    expect(Object.keys(document.components.messages).toSorted()).toEqual(Object.keys(schemas).toSorted());
  });
});

describe('the schema of a command', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 250 }),
    fc.constantFrom(
      '',
      'x',
      '0',
      '0.0',
      '0.00',
      '00',
      '1',
      '1.5',
      '1.50',
      '1.500',
      '-1',
      '1e3',
      '+98912',
      ' 1',
      '1 ',
    ),
    fc.constantFrom('+989123456789', 'active', 'suspended', '01a20f3f-d56e-8000-8000-1c0000000002'),
    fc.integer({ min: 0, max: 10 ** 9 }).map((n) => (n / 100).toString()),
  );
  const value = fc.oneof({ weight: 6, arbitrary: text }, fc.constant(null), fc.integer(), fc.boolean());
  const names = [
    'phone_number',
    'amount',
    'reference',
    'transaction_id',
    'reason',
    'name',
    'daily_limit',
    'status',
  ];
  const body = fc.oneof(
    { weight: 20, arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }) },
    fc.jsonValue(),
  );

  it.each(Object.keys(COMMAND_SCHEMAS) as CommandSchemaName[])('%s says what the ledger does', (name) => {
    const published = schemas[name]!;
    fc.assert(
      fc.property(body, (json) => {
        // "names no change" is the one rule that the schema cannot say.
        if (name === 'update-vendor.v1' && JSON.stringify(json) === '{}') return;
        const isTaken = COMMAND_SCHEMAS[name].safeParse(json).success;
        expect(published(json), JSON.stringify(json)).toBe(isTaken);
      }),
      { numRuns: 3_000 },
    );
  });

  it('refuses what has a field too many', () => {
    const sale = { phone_number: '+989123456789', amount: '1.00' };
    expect(schemas['charge.v1']!(sale)).toBe(true);
    expect(schemas['charge.v1']!({ ...sale, vendor_id: 7 })).toBe(false);
  });
});

describe('the header table', () => {
  const rule = (name: string) => HEADER_RULES.find((one) => one.name === name)!;

  it('has every header, each with an example by its own rule', () => {
    expect(HEADER_RULES.map(({ name }) => name).toSorted()).toEqual(Object.values(HEADERS).toSorted());
    for (const { pattern, example } of HEADER_RULES) expect(example).toMatch(new RegExp(pattern, 'u'));
  });

  it.each<[string, (text: string) => boolean]>([
    [HEADERS.messageId, (text) => parseIdempotencyKey(text) !== null],
    [HEADERS.principal, (text) => PRINCIPAL.test(text)],
    [HEADERS.replyToken, (text) => REPLY_TOKEN.test(text)],
    [HEADERS.contentType, (text) => schemaOf(text) !== null],
  ])('says of %s what the ledger does', (name, isTaken) => {
    const pattern = new RegExp(rule(name).pattern, 'u');
    const near = fc.string({
      unit: fc.constantFrom('a', 'Z', '9', '.', '_', '-', ' ', '\t', '~', 'é', '\n', ';', '=', '/'),
      maxLength: 300,
    });
    const types = fc
      .constantFrom('', ' ', '  ', '\t')
      .map((space) => `application/json;${space}schema=charge.v1`);
    fc.assert(
      fc.property(fc.oneof(near, fc.string(), types), (text) => {
        expect(pattern.test(text), text).toBe(isTaken(text));
      }),
      { numRuns: 5_000 },
    );
  });
});

test('the hash is FNV-1a, by the vectors of its authors', () => {
  expect(fnv1a32('')).toBe(0x811c9dc5);
  expect(fnv1a32('a')).toBe(0xe40c292c);
  expect(fnv1a32('foobar')).toBe(0xbf9cf968);
});

test('the lane vectors hold for arithmetic without a word size', () => {
  const { vectors } = readDocument('lane-vectors.json');
  for (const { vendor, hash, lanes } of vectors) {
    const exact = [...String(vendor)].reduce(
      (state, digit) => ((state ^ BigInt(digit.charCodeAt(0))) * 16_777_619n) % 2n ** 32n,
      2_166_136_261n,
    );
    expect(BigInt(hash)).toBe(exact);
    for (const [count, lane] of Object.entries(lanes)) expect(lane).toBe(Number(exact % BigInt(count)));
  }
});

test('every command that the ledger knows is published, and no other', () => {
  const commands = Object.keys(document.channels.commands.messages);
  expect(commands.toSorted()).toEqual(Object.keys(COMMAND_SCHEMAS).toSorted());
  expect(commands.every(isCommandSchema)).toBe(true);
});
