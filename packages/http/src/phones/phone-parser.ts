import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { LRUCache } from 'lru-cache';
import { createPlainNumberTest } from './plain-numbers.ts';

/** ASCII only: digits of other scripts and look-alikes are refused, not guessed at. */
const WRITTEN = /^\+?[0-9][0-9 ().-]{3,28}[0-9]$/;
const E164 = /^\+[1-9][0-9]{6,14}$/;
const REMEMBERED = 10_000;

/** E.164 of a phone number as people write it; null if it is none. */
export type PhoneParser = (text: string) => string | null;

/** Numbers without a country code are of the default region. */
export function createPhoneParser(defaultRegion: string): PhoneParser {
  const known = new LRUCache<string, string>({ max: REMEMBERED });
  const isPlain = createPlainNumberTest();
  return (text) => {
    if (isPlain(text)) return text;
    const hit = known.get(text);
    if (hit !== undefined) return hit;
    if (!WRITTEN.test(text)) return null;
    const phone = parsePhoneNumberFromString(text, defaultRegion as CountryCode);
    if (!phone?.isValid() || phone.ext || !E164.test(phone.number)) return null;
    known.set(text, phone.number);
    return phone.number;
  };
}
