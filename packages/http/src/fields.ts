import {
  formatMoney,
  isSystemMessageId,
  MAX_METADATA_KEYS,
  MAX_MONEY,
  MAX_VENDOR_ID,
  MONEY_PATTERN,
  metadataSchema,
  moneyProblem,
  POSITIVE_MONEY_PATTERN,
  parseMessageId,
  parseMoney,
} from '@b2b-charge/contracts';
import { z } from 'zod';
import { toNumber } from './amounts.ts';
import type { MessageKey } from './messages/index.ts';
import type { PhoneParser } from './phones/phone-parser.ts';
import { OddNumber } from './strict-json.ts';

/** A schema's message is a key of the catalogue. */
const says = (key: MessageKey & `field_${string}`) => key;

interface AmountRules {
  /** Whether zero is an amount here. */
  readonly zero: boolean;
  /** Message for a value without the form of an amount. */
  readonly form: MessageKey & `field_${string}`;
}

/** Returns the message for a value that is no amount. */
function complaint(value: unknown, { zero, form }: AmountRules): MessageKey {
  // An object of a body has no prototype, so String() would throw.
  const text = value instanceof OddNumber ? value.source : typeof value === 'object' ? '' : String(value);
  return moneyProblem(text, { zero }) === 'above-maximum' ? says('field_amount_above_maximum') : form;
}

/** An amount of at most two decimals, as a number or a string; out comes the decimal string. */
function amount(rules: AmountRules) {
  const { zero } = rules;
  const number = z
    .number()
    .meta({ format: 'double', minimum: zero ? 0 : 0.01, maximum: toNumber(formatMoney(MAX_MONEY)) });
  const text = z.string().meta({ pattern: zero ? MONEY_PATTERN : POSITIVE_MONEY_PATTERN });
  return z
    .union([number, text], { error: ({ input }) => complaint(input, rules) })
    .transform((value, context) => {
      const minor = parseMoney(String(value));
      if (minor !== null && (zero || minor > 0n)) return formatMoney(minor);
      context.addIssue(complaint(value, rules));
      return z.NEVER;
    });
}

export const amountField = amount({ zero: false, form: 'field_amount' }).meta({
  description: `Positive, at most two decimals, at most ${formatMoney(MAX_MONEY)}; a number or a string`,
  examples: [50000.0, '50000.00'],
});

/** An upper limit: zero allows nothing, null is no limit. */
export const limitField = amount({ zero: true, form: 'field_limit' })
  .nullable()
  .meta({
    description: 'For a business day; null is no limit, zero allows nothing; a number or a string',
    examples: [1000000, null],
  });

/** Printable ASCII; "." and ".." would be lost in a URL's path. */
export const keyField = z
  .string()
  .refine((key) => parseMessageId(key) !== null && key !== '.' && key !== '..', says('field_key'))
  .refine((key) => !isSystemMessageId(key), says('field_key_reserved'))
  .meta({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7d]([\\x20-\\x7e]*[\\x21-\\x7e])?$' });

/** Text that people wrote. */
export const textField = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, says('field_text'));

/** A sale's own data. Objects of a body have no prototype, so a name such as "__proto__" is refused like any other. */
export const metadataField = z
  .unknown()
  .transform((value, context) => {
    const parsed = metadataSchema.safeParse(value);
    const isWhole = parsed.success && Object.keys(value as object).length === Object.keys(parsed.data).length;
    if (isWhole) return parsed.data;
    context.addIssue(says('field_metadata'));
    return z.NEVER;
  })
  .meta({
    type: 'object',
    maxProperties: MAX_METADATA_KEYS,
    additionalProperties: { type: 'string' },
    description: 'At most 10 names with a text each, 1 KiB in all; stored with the charge and never changed',
    examples: [{ till: '3' }],
  });

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
