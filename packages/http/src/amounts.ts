import { formatMoney, MAX_MONEY } from '@b2b-charge/contracts';
import { z } from 'zod';

/** An amount in an answer: a JSON number of two decimals. */
export const amountOut = z.number().meta({
  format: 'double',
  minimum: 0,
  maximum: Number(formatMoney(MAX_MONEY)),
  examples: [50000.0],
});
/** A total or a difference: it may be negative, and is exact up to the maximum of an amount. */
export const totalOut = z.number().meta({
  format: 'double',
  description: `Exact up to ${formatMoney(MAX_MONEY)}`,
  examples: [50000.0],
});

/** A decimal string of the system as a JSON number: exact to the minor unit up to 15 digits. */
export const toNumber = (decimal: string): number => Number(decimal);
export const toNumberOrNull = (decimal: string | null): number | null =>
  decimal === null ? null : Number(decimal);
