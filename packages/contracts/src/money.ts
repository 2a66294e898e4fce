/**
 * Money is a bigint of minor units (a hundredth of CURRENCY's unit) inside the system and a decimal string on the wire.
 * The brand makes a parser the only source of an amount.
 */
declare const minorUnits: unique symbol;
export type Money = bigint & { readonly [minorUnits]: true };

/** Largest amount and balance. A double holds its 15 digits exactly, so a JSON number does, too. */
export const MAX_MONEY = 999_999_999_999_999n as Money;
export const ZERO = 0n as Money;

// For JSON Schemas, which hold no functions. Without lookahead, which Go and Rust do not have.
export const MONEY_PATTERN = '^(0|[1-9][0-9]{0,12})(\\.[0-9]{1,2})?$';
export const POSITIVE_MONEY_PATTERN = '^(0\\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,12}(\\.[0-9]{1,2})?)$';

const DECIMAL = new RegExp(MONEY_PATTERN);
const TOO_MANY_DIGITS = /^[1-9][0-9]{13,}(\.[0-9]+)?$/;

/**
 * Parses a plain decimal of at most two decimals ("50000", "50000.5", "0.05").
 * Returns null for anything else: signs, exponents, hex, white space, other digits, more than MAX_MONEY.
 */
export function parseMoney(text: string): Money | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  return (BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').slice(1).padEnd(2, '0'))) as Money;
}

export type MoneyProblem = 'malformed' | 'not-positive' | 'above-maximum';

/** Returns why a text is no amount; null if it is one. Zero is an amount only with `zero`. */
export function moneyProblem(text: string, { zero = false } = {}): MoneyProblem | null {
  const minor = parseMoney(text);
  if (minor === null) return TOO_MANY_DIGITS.test(text) ? 'above-maximum' : 'malformed';
  return minor > 0n || zero ? null : 'not-positive';
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

/** The problems in words, as the end of a sentence that begins with the field. */
export const MONEY_PROBLEMS: Readonly<Record<MoneyProblem, string>> = {
  malformed: 'must be a decimal with at most two decimals, for example 50000.00',
  'not-positive': 'must be above zero',
  'above-maximum': `must be at most ${formatMoney(MAX_MONEY)}`,
};

/** A currency as people read it: the seed's reports say Toman. */
export const currencyName = (code: string): string => (code === 'IRT' ? 'Toman' : code);

/** For a value that a parser or the database has already vouched for. */
export const money = (minor: bigint): Money => minor as Money;

/** The minor units of a decimal that formatMoney wrote, negative ones too. */
export const minorOf = (decimal: string): bigint => BigInt(decimal.replace('.', ''));
