/** Amounts of the API, a number or a decimal text, in minor units. The tills' amounts are far below where doubles end. */
export const minorOf = (amount: number | string): bigint => BigInt(Math.round(Number(amount) * 100));

/** 1250n → "12.50". */
export function decimalOf(minor: bigint): string {
  const digits = minor.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
