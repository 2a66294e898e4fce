import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { publishedReportSchema } from './audit.ts';
import { creditRequestSchema } from './credits.ts';
import { deadLetterMessageSchema, deadLetterSchema } from './dead-letters.ts';
import { AT, checkpoint, finding, ID, letter, outcomes, run, transaction, vendor } from './given-replies.ts';
import { eventSchema, outcomeSchema } from './outcomes.ts';
import { CALLS, chainLinkSchema, vendorSchema } from './queries.ts';
import { webhookDeliverySchema, webhookSchema } from './webhooks.ts';

const messages: [name: string, schema: z.ZodType, message: object][] = [
  ...Object.entries(outcomes).map(([name, outcome]): [string, z.ZodType, object] => [
    name,
    outcomeSchema,
    outcome,
  ]),
  ['the event of a sale', eventSchema, outcomes.posted],
  ['the event of a rejection', eventSchema, outcomes.rejected],
  ['a dead letter', deadLetterSchema, { ...letter, id: '3-1-9', headers: { a: 'b' }, resubmitted_as: 'k' }],
  ['a published dead letter', deadLetterMessageSchema, { ...letter, headers: [['a', 'b']] }],
  [
    'a published audit',
    publishedReportSchema,
    { run: run(), findings: [finding('CRITICAL'), finding('MINOR_DISCREPANCY')], checkpoint },
  ],
  [
    'an audit of the newest part',
    publishedReportSchema,
    { run: run({ mode: 'incremental' }), findings: [], checkpoint: null },
  ],
  [
    'a receipt',
    CALLS['audit.receipt'].response,
    {
      statement: 'x',
      key_id: 'k',
      signature: 's',
      public_key: 'p',
      checkpoint,
      phone: { number: '+989123456789', salt: 'ab' },
      details: null,
    },
  ],
  ['a vendor', vendorSchema, vendor('active')],
  ['a suspended vendor', vendorSchema, vendor('suspended')],
  [
    'a link of the chain',
    chainLinkSchema,
    {
      transaction,
      fingerprint: 'f',
      previous_hash: 'p',
      hash: 'h',
      lane: 3,
      stream: 0,
      stream_epoch: 1,
      stream_seq: 9,
      stream_index: 0,
      phone_commitment: 'c',
      reversed_by: null,
    },
  ],
  [
    'a request for credit',
    creditRequestSchema,
    {
      id: 1,
      vendor_id: 7,
      amount: '1.00',
      status: 'pending',
      requested_by: 'a',
      approvals_needed: 2,
      approvals: [{ by: 'b', at: AT }],
      decided_by: null,
      decided_at: null,
      reason: null,
      transaction_id: null,
      created_at: AT,
    },
  ],
  [
    'a webhook',
    webhookSchema,
    {
      id: 1,
      vendor_id: 7,
      url: 'u',
      event_types: ['charge-posted'],
      description: null,
      enabled: true,
      disabled_reason: null,
      pending: 0,
      failures: 0,
      failing_since: null,
      last_success_at: null,
      last_error: null,
      old_secret_until: null,
      created_by: 'a',
      created_at: AT,
      updated_at: AT,
    },
  ],
  [
    'a delivery',
    webhookDeliverySchema,
    {
      id: 1,
      webhook_id: 1,
      vendor_id: 7,
      event_id: ID,
      type: 'charge-posted',
      state: 'pending',
      attempts: 0,
      last_status: null,
      last_error: null,
      created_at: AT,
      last_attempt_at: null,
      finished_at: null,
    },
  ],
];

describe('a message', () => {
  it.each(messages)('passes whole: %s', (_, schema, message) => {
    expect(schema.parse(message)).toEqual(message);
  });

  it.each(messages)('is none without one of its fields: %s', (_, schema, message) => {
    for (const name of Object.keys(message)) {
      const { [name]: _left, ...rest } = message as Record<string, unknown>;
      expect(schema.safeParse(rest).success, name).toBe(false);
    }
  });

  it.each<[string, z.ZodType, object]>([
    ['an event without its transaction', eventSchema, outcomes.reused],
    ['an event that nothing was recorded for', eventSchema, outcomes.expired],
    ['an outcome of another word', outcomeSchema, { ...outcomes.posted, outcome: 'approved' }],
    [
      'a transaction of another status',
      outcomeSchema,
      { ...outcomes.posted, transaction: { ...transaction, status: 'approved' } },
    ],
    ['a dead letter whose headers are no pairs', deadLetterMessageSchema, { ...letter, headers: [['a']] }],
    [
      'a finding that nothing is wrong',
      publishedReportSchema,
      { run: run(), findings: [finding('VERIFIED')], checkpoint: null },
    ],
  ])('is not %s', (_, schema, message) => {
    expect(schema.safeParse(message).success).toBe(false);
  });

  it('has amounts of two decimals, by the schema that is published', () => {
    const isEvent = new Ajv({ strict: false }).compile(z.toJSONSchema(eventSchema, { target: 'draft-7' }));
    expect(isEvent(outcomes.posted)).toBe(true);
    for (const amount of ['1', '1.0', '1.000', 'x1.00', '1.00x', '+1.00'])
      expect(isEvent({ ...outcomes.posted, transaction: { ...transaction, amount } }), amount).toBe(false);
  });
});
