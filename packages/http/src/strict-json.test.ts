import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OddNumber, parseStrictJson } from './strict-json.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('strict JSON', () => {
  it('reads what JSON.stringify writes, whatever the text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, spaced) => {
        // Odd numbers are covered below.
        const text = JSON.stringify(
          value,
          (_, item) => (typeof item === 'number' ? 7 : item),
          spaced ? 2 : 0,
        );
        expect(plain(parseStrictJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts no text that JSON.parse refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"\\u12"',
      '1',
      '-',
      '.',
      'e',
      'true',
      'nul',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        let value: unknown;
        try {
          value = parseStrictJson(text);
        } catch {
          return;
        }
        expect(() => JSON.parse(text), JSON.stringify(value)).not.toThrow();
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['1e3', '1E2', '-0', '-0.0', '1.005', '0.001', `1${'0'.repeat(30)}`, '90071992547409.91', '1e999'])(
    'keeps %s apart from the numbers',
    (source) => {
      expect(parseStrictJson(`{"amount": ${source}}`)).toEqual({ amount: new OddNumber(source) });
    },
  );

  it.each([
    ['0', 0],
    ['50000.00', 50_000],
    ['0.05', 0.05],
    ['-5', -5],
    ['9999999999999.99', 9_999_999_999_999.99],
  ])('reads %s', (text, value) => expect(parseStrictJson(text)).toBe(value));

  it.each([
    ['a duplicate name', '{"amount":1,"amount":2}'],
    ['a duplicate name in another spelling', '{"amount":1,"\\u0061mount":2}'],
    ['a duplicate __proto__', '{"__proto__":1,"__proto__":2}'],
    ['hexadecimal', '0x10'],
    ['a leading zero', '01'],
    ['a leading plus', '+1'],
    ['NaN', 'NaN'],
    ['a comment', '{} // x'],
    ['a trailing comma', '[1,]'],
    ['single quotes', "{'a':1}"],
    ['a raw control character', '"a\u0000b"'],
    ['a lone surrogate escape cut short', '"\\ud8"'],
    ['two values', '{} {}'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['deep nesting', '['.repeat(100_000)],
  ])('refuses %s', (_, text) => expect(() => parseStrictJson(text)).toThrow());

  it('makes __proto__ an ordinary name', () => {
    const value = parseStrictJson('{"__proto__": {"polluted": 1}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
