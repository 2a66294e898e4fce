import { DEFAULT_LANES, fnv1a32, laneOf, MAX_VENDOR_ID } from '@b2b-charge/contracts';

const VENDORS = [1, 2, 7, 9, 10, 12, 15, 16, 42, 99, 100, 123, 999, 1_000, 4_711, 65_535, 65_536, 1_000_000];
const COUNTS = [1, 2, 3, DEFAULT_LANES, 32, 100, 1_024];

/** Enough to hold another language's hash against: byte order, overflow and sign are where it goes wrong. */
export const laneVectors = () => ({
  algorithm:
    'lane = FNV-1a, 32 bits, over the ASCII bytes of the vendor id in decimal, modulo the number of lanes: hash = 2166136261; for each byte: hash = (hash XOR byte) * 16777619 modulo 2^32',
  vectors: [...VENDORS, 123_456_789, 2_000_000_000, MAX_VENDOR_ID].map((vendor) => ({
    vendor,
    hash: fnv1a32(String(vendor)),
    lanes: Object.fromEntries(COUNTS.map((lanes) => [lanes, laneOf(vendor, lanes)])),
  })),
});
