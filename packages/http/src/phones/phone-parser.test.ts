import fc from 'fast-check';
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { describe, expect, it, test } from 'vitest';
import { createPhoneParser } from './phone-parser.ts';
import { createPlainNumberTest } from './plain-numbers.ts';

const parse = createPhoneParser('IR');

describe('phone numbers', () => {
  it.each([
    '+989123456789',
    '09123456789',
    '0912 345 6789',
    '0912-345-6789',
    '+98 (912) 345.6789',
    '00989123456789',
  ])('reads %s', (text) => expect(parse(text)).toBe('+989123456789'));

  it.each([
    ['nothing', ''],
    ['too short', '+98123'],
    ['too long', '+9891234567890123'],
    ['letters', '+98912abc6789'],
    ['Persian digits', '۰۹۱۲۳۴۵۶۷۸۹'],
    ['full-width digits', '＋９８９１２３４５６７８９'],
    ['a letter O for a zero', '+98912345678O'],
    ['an extension', '+989123456789 ext. 5'],
    ['a URI', 'tel:+989123456789'],
    ['a NUL', '+98912345\u00006789'],
    ['a newline', '+989123456789\n'],
    ['two numbers', '+989123456789 +989123456789'],
    ['an unknown country', '+999123456789'],
  ])('refuses %s', (_, text) => expect(parse(text)).toBeNull());

  test('the short way says yes only where the library does, to the same number', () => {
    const isPlain = createPlainNumberTest();
    const codes = [...new Set(getCountries().map((country) => getCountryCallingCode(country)))];
    let yes = 0;
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.stringMatching(/^[0-9]{4,12}$/), (code, national) => {
        const text = `+${code}${national}`;
        if (!isPlain(text)) return;
        yes++;
        const phone = parsePhoneNumberFromString(text);
        expect([phone?.isValid(), phone?.number], text).toEqual([true, text]);
      }),
      { numRuns: 50_000 },
    );
    expect(yes).toBeGreaterThan(1_000);
    expect(isPlain('+989123456789')).toBe(true);
  });
});
