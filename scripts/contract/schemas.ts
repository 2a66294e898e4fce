import {
  CALLS,
  COMMAND_SCHEMAS,
  currencyCode,
  deadLetterMessageSchema,
  eventSchema,
  outcomeSchema,
  publishedReportSchema,
  VENDOR_CALLS,
  type VendorCallName,
} from '@b2b-charge/contracts';
import { z } from 'zod';

export type JsonSchema = { readonly [name: string]: unknown };

const refusal = z.object({
  ok: z.literal(false),
  error: z.object({ code: z.string(), message: z.string() }),
});

const CURRENCY = currencyCode.describe('Currency of every amount in the data');

/** The schema of a call's request without the vendor, which its subject names. */
function requestOf(name: VendorCallName): z.ZodType {
  return (CALLS[name].request as z.ZodObject).omit({ vendor_id: true });
}

const replyOf = (name: VendorCallName): z.ZodType =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), currency: CURRENCY, data: CALLS[name].response }),
    refusal,
  ]);

/** Every message of the published contract by the name of its schema. */
const MESSAGES: Readonly<Record<string, { readonly schema: z.ZodType; readonly title: string }>> = {
  ...Object.fromEntries(
    Object.entries(COMMAND_SCHEMAS).map(([name, schema]) => [
      name,
      { schema, title: `A command: ${name.slice(0, name.lastIndexOf('.'))}` },
    ]),
  ),
  'outcome.v1': { schema: outcomeSchema, title: 'The one answer to a command' },
  'event.v1': {
    schema: eventSchema,
    title: 'What became of a command, announced to all who follow the vendor',
  },
  'dead-letter.v1': { schema: deadLetterMessageSchema, title: 'A command that could not be executed' },
  'audit-report.v1': { schema: publishedReportSchema, title: 'What an audit found' },
  ...Object.fromEntries(
    VENDOR_CALLS.flatMap((name) => [
      [`${name}.request.v1`, { schema: requestOf(name), title: `A question: ${name}` }],
      [`${name}.reply.v1`, { schema: replyOf(name), title: `The answer to ${name}` }],
    ]),
  ),
};

/** JSON Schemas (draft 7, as AsyncAPI embeds them) by name, as the messages stand on the wire. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.entries(MESSAGES).map(([name, { schema, title }]) => {
    // "input": what may be sent, and for what is received no ban on fields that a later version adds.
    const { $schema, ...described } = z.toJSONSchema(schema, {
      io: 'input',
      target: 'draft-7',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => dropImpliedBounds(jsonSchema),
    });
    return [name, { $schema, $id: `${name}.json`, title, ...described }];
  }),
);

/** Every integer of JavaScript has these; they say nothing. */
function dropImpliedBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
