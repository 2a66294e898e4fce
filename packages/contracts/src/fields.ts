import { z } from 'zod';
import { MAX_VENDOR_ID, parseMessageId } from './ids.ts';
import { isSystemMessageId } from './message-ids.ts';
import {
  formatMoney,
  MAX_MONEY,
  MONEY_PATTERN,
  MONEY_PROBLEMS,
  moneyProblem,
  POSITIVE_MONEY_PATTERN,
} from './money.ts';

/** Pieces that the calls of several services are made of. */
export const vendorId = z.int().min(1).max(MAX_VENDOR_ID);
export const instant = z.iso.datetime({ offset: true });
/** An amount or a balance that goes out, with two decimals. */
export const decimal = z.string().meta({ pattern: '^[0-9]{1,13}\\.[0-9]{2}$', examples: ['950000.00'] });
/** A total or a difference: it may be negative or beyond the bound of an amount. */
export const total = z.string().meta({ pattern: '^-?[0-9]+\\.[0-9]{2}$', examples: ['950000.00'] });

/** Currency of the amounts beside it, as in ISO 4217. */
export const currencyCode = z.string().meta({ pattern: '^[A-Z]{3}$', examples: ['IRT'] });

const amountText = (zero: boolean) =>
  z.string().refine((text) => moneyProblem(text, { zero }) === null, {
    error: ({ input }) => MONEY_PROBLEMS[moneyProblem(String(input), { zero }) ?? 'malformed'],
  });

/** An amount that comes in: a positive decimal string of at most two decimals. */
export const amountIn = amountText(false).meta({
  pattern: POSITIVE_MONEY_PATTERN,
  description: `A decimal string: above zero, at most two decimals, at most ${formatMoney(MAX_MONEY)}`,
  examples: ['50000.00'],
});
/** A limit that comes in; zero allows nothing. */
export const limitIn = amountText(true).meta({
  pattern: MONEY_PATTERN,
  description: 'A decimal string a business day; null: no limit; zero: nothing is allowed',
});
/** A sender's own key: 1 to 255 printable ASCII characters; those that begin with "~" are the system's. */
export const idempotencyKey = z
  .string()
  .refine((key) => parseMessageId(key) !== null, '1 to 255 printable ASCII characters')
  .refine((key) => !isSystemMessageId(key), 'keys that begin with ~ are reserved for the system')
  .meta({ pattern: '^[\\x21-\\x7d]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$' });

/** Who acts: an operator's name, a token's id. */
export const actor = z.string().min(1).max(100);
/** Where from: an address, a request id. It goes into the audit trail. */
export const origin = z.string().max(200).nullish();
export const cursor = z.string().max(64).nullish();
export const page = { limit: z.int().min(1).max(1000).default(50), cursor };
