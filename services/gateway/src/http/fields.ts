import { formatMoney, MAX_VENDOR_ID, parseMessageId, parseMoney } from '@b2b-charge/contracts';
import { z } from 'zod';
import type { MessageKey } from '../messages/index.ts';
import type { PhoneParser } from '../phones/phone-parser.ts';

/** A schema's message is a key of the catalogue. */
const says = (key: MessageKey & `field_${string}`) => key;

const written = (value: string | number) => parseMoney(typeof value === 'number' ? String(value) : value);

const numberOrText = (key: MessageKey & `field_${string}`) => z.union([z.number(), z.string()], says(key));

const AMOUNT_PATTERN = '^(0|[1-9][0-9]{0,13})(\\.[0-9]{1,2})?$';

/** A positive amount of at most two decimals, as a number or a string; out comes the decimal string. */
export const amountField = numberOrText('field_amount')
  .transform((value, context) => {
    const minor = written(value);
    if (minor !== null && minor > 0n) return formatMoney(minor);
    context.addIssue(says('field_amount'));
    return z.NEVER;
  })
  .meta({
    exclusiveMinimum: 0,
    pattern: AMOUNT_PATTERN,
    description: 'Toman; positive, at most two decimals; a number (of at most 15 digits) or a string',
    examples: [50000.0, '50000.00'],
  });

/** An upper limit: zero allows nothing, null is no limit. */
export const limitField = numberOrText('field_limit')
  .transform((value, context) => {
    const minor = written(value);
    if (minor !== null) return formatMoney(minor);
    context.addIssue(says('field_limit'));
    return z.NEVER;
  })
  .nullable()
  .meta({
    minimum: 0,
    pattern: AMOUNT_PATTERN,
    description: 'Toman a business day; null is no limit',
    examples: [1000000, null],
  });

/** Printable ASCII; "." and ".." would be lost in a URL's path. */
export const keyField = z
  .string()
  .refine((key) => parseMessageId(key) !== null && key !== '.' && key !== '..', says('field_key'))
  .meta({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$' });

/** Text that people wrote. */
export const textField = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, says('field_text'));

/** Whole numbers in a path or a query. */
const digits = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,10}$/, says('field_type'))
    .transform(Number)
    .refine((value) => value >= min, says('field_too_small'))
    .refine((value) => value <= max, says('field_too_big'))
    .meta({ pattern: '^[0-9]{1,10}$' });

export const vendorIdField = digits(1, MAX_VENDOR_ID);
export const rowIdField = digits(1, 2_147_483_647);
export const limitQuery = digits(1, 1_000).default(50);
export const cursorQuery = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_:.=-]+$/, says('field_invalid'));
export const flagQuery = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Any UUID: one that the ledger never gave is not found, rather than wrong. */
export const transactionIdField = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, says('field_invalid'))
  .meta({ format: 'uuid' });

/** Fields that depend on settings. */
export interface Fields {
  readonly phoneNumber: z.ZodType<string, string>;
  /** An instant with an offset, or a date: the start of that business day. Out comes an instant in UTC. */
  readonly instant: z.ZodType<string, string>;
}

export function createFields(options: { parsePhone: PhoneParser; startOfDay(date: string): number }): Fields {
  return {
    phoneNumber: z
      .string()
      .transform((text, context) => {
        const phone = options.parsePhone(text);
        if (phone !== null) return phone;
        context.addIssue(says('field_phone_number'));
        return z.NEVER;
      })
      .meta({ description: 'E.164, or as written in the default region', examples: ['+989123456789'] }),
    instant: z
      .union([z.iso.datetime({ offset: true }), z.iso.date()], says('field_date'))
      .transform((text) => new Date(text.length === 10 ? options.startOfDay(text) : text).toISOString())
      .meta({ description: 'An instant, or a date for the start of that business day' }),
  };
}
