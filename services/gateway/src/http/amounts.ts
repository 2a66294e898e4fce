import { z } from 'zod';

/** An amount in an answer: a JSON number of two decimals. */
export const amountOut = z.number().meta({ description: 'Toman', examples: [50000.0] });

/** A decimal string of the system as a JSON number: exact to the minor unit up to 15 digits. */
export const toNumber = (decimal: string): number => Number(decimal);
export const toNumberOrNull = (decimal: string | null): number | null =>
  decimal === null ? null : Number(decimal);
