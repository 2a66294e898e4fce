import { hash } from 'node:crypto';
import type { Charges } from './plan.ts';

/** Vendor, phone number and key of the n-th charge. */
export interface Charge {
  readonly vendorId: number;
  readonly phoneNumber: string;
  readonly key: string;
}

/** A vendor's token, made from its id: the generator need not be told a hundred thousand of them. */
export const vendorToken = (vendorId: number): string =>
  `b2bv_${hash('sha256', `bench-vendor-${vendorId}`, 'base64url')}`;

/** 32 well-mixed bits of a number (murmur3's finalizer): random enough, and the same at every repeat. */
export function mix(n: number): number {
  let h = (n + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const ZIPF_EXPONENT = 1;

export function createCharges({ vendors, spread, prefix, repeatEvery }: Charges): (n: number) => Charge {
  const pick = spread === 'each' ? null : picker(vendors, spread);
  return (count) => {
    const n = repeatEvery === undefined ? count : count % repeatEvery;
    return {
      vendorId: pick ? pick(mix(n)) : 1 + (n % vendors),
      // Ten million numbers: as in a shop's day, hardly any is seen twice.
      phoneNumber: `+98912${String(mix(n ^ 0x5bd1e995) % 10_000_000).padStart(7, '0')}`,
      key: `${prefix}.${n}`,
    };
  };
}

function picker(vendors: number, spread: Exclude<Charges['spread'], 'each'>): (random: number) => number {
  if (spread === 'hot') return () => 1;
  if (spread === 'uniform') return (random) => 1 + (random % vendors);
  const cumulative = new Float64Array(vendors);
  let sum = 0;
  for (let rank = 0; rank < vendors; rank++) {
    sum += 1 / (rank + 1) ** ZIPF_EXPONENT;
    cumulative[rank] = sum;
  }
  return (random) => {
    const target = (random / 2 ** 32) * sum;
    let low = 0;
    let high = vendors - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
