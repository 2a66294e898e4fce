import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { DEFAULT_LANES, fnv1a32, laneOf } from './lanes.ts';

test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('the hash of "%s" is FNV-1a, by the vectors of its authors', (text, hash) => {
  expect(fnv1a32(text)).toBe(hash);
});

it('is always within the lanes there are, and the same for the same vendor', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_147_483_647 }),
      fc.integer({ min: 1, max: 1_024 }),
      (vendor, lanes) => {
        const lane = laneOf(vendor, lanes);
        expect(lane).toBe(fnv1a32(String(vendor)) % lanes);
        expect(lane).toBeGreaterThanOrEqual(0);
        expect(lane).toBeLessThan(lanes);
      },
    ),
  );
});

it('spreads a thousand vendors over every lane', () => {
  const lanes = Array.from({ length: 1_000 }, (_, index) => laneOf(index + 1, DEFAULT_LANES));
  expect(new Set(lanes).size).toBe(DEFAULT_LANES);
});
