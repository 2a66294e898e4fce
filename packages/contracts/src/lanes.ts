/** Lanes: the partitions of the command log. One vendor is always on one lane, which is what makes it serial. */

/** 32-bit FNV-1a over the UTF-8 bytes of an ASCII text: the hash of NATS' own `partition()` subject mapping. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export const DEFAULT_LANES = 16;

/** The books that the lanes are divided over: each has a schema, and a setting that leads to its primary. */
export const BOOKS = [{ schema: 'ledger', setting: 'DATABASE_URL' }] as const;
export type Book = (typeof BOOKS)[number];

/** The book of a lane, for ever; no transaction spans two. See docs/adr/0025. */
export const bookOf = (lane: number): Book => BOOKS[lane % BOOKS.length]!;

/** The lane of a vendor: fnv1a32 of its decimal id modulo the number of lanes. */
export function laneOf(vendorId: number, lanes: number): number {
  return fnv1a32(String(vendorId)) % lanes;
}
