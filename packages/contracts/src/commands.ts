import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { amountIn, limitIn } from './fields.ts';
import { parseTransactionId } from './ids.ts';

export const MAX_REFERENCE = 255;
export const MAX_METADATA_KEYS = 10;
const MAX_METADATA_BYTES = 1_024;

// `meta` completes the published JSON Schemas, because they cannot hold what a function checks.
const limit = limitIn.nullable();
/** E.164. */
const phoneNumber = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'a phone number in E.164 form')
  .meta({ description: 'The phone to top up, in E.164 form', examples: ['+989123456789'] });
/** The 16 bytes, in hex, that make the commitment to the phone number; without them the ledger derives some. */
const phoneSalt = z
  .string()
  .regex(/^[0-9a-f]{32}$/, '32 hex digits')
  .meta({
    description: '16 random bytes in hex, new for every command: they hide the phone number in the hash',
  });
/** Text that people wrote: no control characters. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters');
const reference = text(MAX_REFERENCE).meta({
  description: "The sender's own reference, shown and searchable",
});
/** Pairs of texts that the sender keeps with a charge. */
export const metadataSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,39}$/, 'a name of at most 40 letters, digits, "_", "." and "-"'),
    z.string(),
  )
  .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA_KEYS, `at most ${MAX_METADATA_KEYS} names`)
  .refine(
    (pairs) => Buffer.byteLength(canonicalJson(pairs)) <= MAX_METADATA_BYTES,
    `at most ${MAX_METADATA_BYTES} bytes as JSON`,
  )
  .meta({
    description: `At most ${MAX_METADATA_KEYS} names with a text each, ${MAX_METADATA_BYTES} bytes as JSON`,
  });
export type Metadata = z.infer<typeof metadataSchema>;
const transaction = z
  .string()
  .refine((id) => parseTransactionId(id) !== null, 'a transaction id')
  .meta({
    pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-8[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$',
    description: 'The id of a charge of the same vendor',
  });

/** The bodies of the commands by schema name. The vendor stands in the subject, the message id in the headers. */
export const COMMAND_SCHEMAS = {
  'charge.v1': z.strictObject({
    phone_number: phoneNumber,
    amount: amountIn,
    reference: reference.optional(),
    metadata: metadataSchema.optional(),
    phone_salt: phoneSalt.optional(),
  }),
  'credit.v1': z.strictObject({ amount: amountIn, reference: reference.optional() }),
  'reverse.v1': z.strictObject({ transaction_id: transaction, reason: text(200) }),
  'rebuild.v1': z.strictObject({ reason: text(200).optional() }),
  'open-vendor.v1': z.strictObject({
    name: text(100),
    daily_limit: limit.optional(),
    /** False for a test vendor; true unless given. */
    livemode: z.boolean().optional(),
  }),
  'update-vendor.v1': z
    .strictObject({
      name: text(100).optional(),
      status: z.enum(['active', 'suspended']).optional(),
      daily_limit: limit.optional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'names no change'),
} as const;

export type CommandSchemaName = keyof typeof COMMAND_SCHEMAS;
export type CommandType = CommandSchemaName extends infer N ? (N extends `${infer T}.v1` ? T : never) : never;
export type CommandBody<N extends CommandSchemaName> = z.infer<(typeof COMMAND_SCHEMAS)[N]>;

/** A command's body together with its type: what a publisher hands to the client. */
export type CommandRequest = { [T in CommandType]: { type: T } & CommandBody<`${T}.v1`> }[CommandType];

const commandTypes = Object.keys(COMMAND_SCHEMAS).map((name) => name.slice(0, -'.v1'.length) as CommandType);
const typed = <T extends CommandType>(type: T) =>
  COMMAND_SCHEMAS[`${type}.v1`].safeExtend({ type: z.literal(type) });

/** A command with its type, as a call carries it. */
export const commandSchema = z.discriminatedUnion(
  'type',
  commandTypes.map(typed) as never,
) as unknown as z.ZodType<CommandRequest>;

export const isCommandSchema = (name: string): name is CommandSchemaName =>
  Object.hasOwn(COMMAND_SCHEMAS, name);
export const schemaNameOf = (type: CommandType): CommandSchemaName => `${type}.v1`;
