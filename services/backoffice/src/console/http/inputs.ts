import { amountField, limitField } from '@b2b-charge/http/fields';
import { z } from 'zod';

/** As people type amounts: Persian and Arabic digits, grouping by commas, spaces or their Persian sign. */
export const plainNumber = (text: string): string =>
  text
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replaceAll('٫', '.')
    .replaceAll(/[,٬\s\u200c]/g, '');

const written = z
  .string()
  .max(40)
  .transform((text): string | number | null => plainNumber(text));

/** A positive amount; out comes a decimal string. */
export const amountInput = written.pipe(amountField);
/** An upper limit; left empty it is none. */
export const limitInput = written.pipe(limitField).optional();
/** A whole number, at least one. */
export const countInput = z
  .string()
  .max(40)
  .transform((text, context) => {
    const digits = plainNumber(text);
    if (/^[1-9][0-9]{0,8}$/.test(digits)) return Number(digits);
    context.addIssue('field_invalid');
    return z.NEVER;
  });
/** A day of `<input type="date">`. */
export const dayInput = z.iso.date();
/** A box: ticked or not there. */
export const tickInput = z
  .literal('true')
  .optional()
  .transform((value) => value === 'true');
/** Made anew with every form: the same form sent twice is one act. */
export const formKey = z.string().regex(/^[\w-]{8,64}$/);
/** One or several boxes of the same name, each with what it stands for. */
export const boxesInput = <T extends z.ZodType<unknown, string>>(one: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat())
    .pipe(z.array(one).min(1).max(100));
