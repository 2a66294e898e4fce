/** Ids: branded, minted by a parser only. */
declare const brand: unique symbol;
export type VendorId = number & { readonly [brand]: 'VendorId' };
export type MessageId = string & { readonly [brand]: 'MessageId' };
export type TransactionId = string & { readonly [brand]: 'TransactionId' };

export const MAX_VENDOR_ID = 2_147_483_647;

export function parseVendorId(text: string): VendorId | null {
  if (!/^[1-9][0-9]{0,9}$/.test(text)) return null;
  const id = Number(text);
  return id <= MAX_VENDOR_ID ? (id as VendorId) : null;
}

/** 1–255 printable ASCII characters; the dedup key of a command, scoped to its vendor. */
export function parseMessageId(text: string): MessageId | null {
  return /^[\x20-\x7e]{1,255}$/.test(text) && text.trim() === text ? (text as MessageId) : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SEQ_BITS = 42n;
const SEQ_MASK = (1n << SEQ_BITS) - 1n;

export interface TransactionPlace {
  readonly vendorId: VendorId;
  /** Position in the vendor's chain, from 1. */
  readonly seq: number;
  /** Milliseconds since 1970 at which the ledger decided. */
  readonly createdAtMs: number;
}

/**
 * A transaction's id is a UUID version 8 (RFC 9562) made of its time, vendor and place in the chain: unique without
 * an index of its own, sorted by time, and enough to find the row by its primary key. See docs/adr/0003.
 * Layout: 48 bits time in ms, 12 + 62 bits = 32 bits vendor and 42 bits seq.
 */
export function transactionId(place: TransactionPlace): TransactionId {
  const { vendorId, seq, createdAtMs } = place;
  // The same bits as `vendor << 42 | seq`, cut by arithmetic on doubles: bigint shifts cost ten times as much.
  const time = createdAtMs.toString(16).padStart(12, '0');
  const upper12 = Math.floor(vendorId / 2 ** 20);
  const low20OfVendor = vendorId % 2 ** 20;
  const high30 = low20OfVendor * 2 ** 10 + Math.floor(seq / 2 ** 32); // 62 bits = 20 + 42: the upper 30 …
  const low32 = seq % 2 ** 32; //                                         … and the lower 32
  const variant14 = Math.floor(high30 / 2 ** 16) + 0x8000;
  const tail = (high30 % 2 ** 16).toString(16).padStart(4, '0') + low32.toString(16).padStart(8, '0');
  const version = upper12.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${version}-${variant14.toString(16)}-${tail}` as TransactionId;
}

/** Reads an id back into its place; null if it is no id of this ledger. */
export function parseTransactionId(text: string): (TransactionPlace & { id: TransactionId }) | null {
  const id = text.toLowerCase();
  if (!UUID.test(id)) return null;
  const hex = id.replaceAll('-', '');
  const bits74 =
    (BigInt(`0x${hex.slice(13, 16)}`) << 62n) | (BigInt(`0x${hex.slice(16)}`) & ((1n << 62n) - 1n));
  const vendorId = parseVendorId((bits74 >> SEQ_BITS).toString());
  const seq = Number(bits74 & SEQ_MASK);
  if (vendorId === null || seq === 0) return null;
  return { id: id as TransactionId, vendorId, seq, createdAtMs: Number.parseInt(hex.slice(0, 12), 16) };
}
