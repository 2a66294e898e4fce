import { z } from 'zod';
import { amountIn, limitIn } from './fields.ts';
import { parseTransactionId } from './ids.ts';

// What `meta` adds is for the published JSON Schemas: they cannot hold what a function checks.
const limit = limitIn.nullable();
/** E.164. */
const phoneNumber = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'a phone number in E.164 form')
  .meta({ description: 'The phone to top up, in E.164 form', examples: ['+989123456789'] });
/** Text that people wrote: no control characters. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters');
const transaction = z
  .string()
  .refine((id) => parseTransactionId(id) !== null, 'a transaction id')
  .meta({
    pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-8[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$',
    description: 'The id of a charge of the same vendor',
  });

/** The bodies of the commands by schema name. The vendor stands in the subject, the message id in the headers. */
export const COMMAND_SCHEMAS = {
  'charge.v1': z.strictObject({ phone_number: phoneNumber, amount: amountIn }),
  'credit.v1': z.strictObject({ amount: amountIn, reference: text(100).optional() }),
  'reverse.v1': z.strictObject({ transaction_id: transaction, reason: text(200) }),
  'rebuild.v1': z.strictObject({ reason: text(200).optional() }),
  'open-vendor.v1': z.strictObject({ name: text(100), daily_limit: limit.optional() }),
  'update-vendor.v1': z
    .strictObject({
      name: text(100).optional(),
      status: z.enum(['active', 'suspended']).optional(),
      daily_limit: limit.optional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'names no change'),
} as const;

export type CommandSchemaName = keyof typeof COMMAND_SCHEMAS;
export type CommandType = 'charge' | 'credit' | 'reverse' | 'rebuild' | 'open-vendor' | 'update-vendor';
export type CommandBody<N extends CommandSchemaName> = z.infer<(typeof COMMAND_SCHEMAS)[N]>;

/** A command's body together with its type: what a publisher hands to the client. */
export type CommandRequest =
  | ({ type: 'charge' } & CommandBody<'charge.v1'>)
  | ({ type: 'credit' } & CommandBody<'credit.v1'>)
  | ({ type: 'reverse' } & CommandBody<'reverse.v1'>)
  | ({ type: 'rebuild' } & CommandBody<'rebuild.v1'>)
  | ({ type: 'open-vendor' } & CommandBody<'open-vendor.v1'>)
  | ({ type: 'update-vendor' } & CommandBody<'update-vendor.v1'>);

export const isCommandSchema = (name: string): name is CommandSchemaName =>
  Object.hasOwn(COMMAND_SCHEMAS, name);
export const schemaNameOf = (type: CommandType): CommandSchemaName => `${type}.v1`;
