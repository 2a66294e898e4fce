/**
 * Money is a bigint of minor units (1 Toman = 100) inside the system and a decimal string on the wire.
 * The brand makes a parser the only source of an amount.
 */
declare const minorUnits: unique symbol;
export type Money = bigint & { readonly [minorUnits]: true };

/** Largest amount and balance: 90 trillion Toman, so that a JSON number still holds every minor unit. */
export const MAX_MONEY = 9_007_199_254_740_991n as Money;
export const ZERO = 0n as Money;

const DECIMAL = /^(0|[1-9][0-9]{0,13})(?:\.([0-9]{1,2}))?$/;

/**
 * Parses a plain decimal of at most two decimals ("50000", "50000.5", "0.05").
 * Returns null for anything else: signs, exponents, hex, white space, other digits, more than MAX_MONEY.
 */
export function parseMoney(text: string): Money | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const minor = BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
  return minor > MAX_MONEY ? null : (minor as Money);
}

/** The wire form with two decimals: 5000000n → "50000.00". A negative sum keeps its sign. */
export function formatMoney(minor: bigint): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The reports' form, grouped: 150000000n → "1,500,000.00". */
export function groupMoney(minor: bigint): string {
  return formatMoney(minor).replace(/\B(?=(\d{3})+(?=\.))/g, ',');
}

/** For a value that a parser or the database has already vouched for. */
export const money = (minor: bigint): Money => minor as Money;

/** The minor units of a decimal that formatMoney wrote, negative ones too. */
export const minorOf = (decimal: string): bigint => BigInt(decimal.replace('.', ''));
