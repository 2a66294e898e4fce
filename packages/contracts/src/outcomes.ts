import { z } from 'zod';
import { currencyCode, decimal } from './fields.ts';

/** Why a command was rejected. A rejection is an outcome: stored, chained and replayed. */
export const REJECTIONS = [
  'INSUFFICIENT_BALANCE',
  'DAILY_LIMIT_EXCEEDED',
  'VENDOR_INACTIVE',
  'IDEMPOTENCY_KEY_REUSED',
  'ALREADY_REVERSED',
  'NOT_REVERSIBLE',
  'VENDOR_EXISTS',
  'HISTORY_INCONSISTENT',
  'BALANCE_LIMIT_EXCEEDED',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** Why a command became a dead letter: it could not be executed and has no place in any chain. */
export const DEAD_LETTER_REASONS = [
  'MALFORMED',
  'UNKNOWN_SCHEMA',
  'UNKNOWN_VENDOR',
  'WRONG_LANE',
  'NOT_PERMITTED',
  'FAILED',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export const TRANSACTION_TYPES = [
  'charge',
  'credit',
  'reversal',
  'rebuild',
  'open-vendor',
  'update-vendor',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

export const TRANSACTION_STATUSES = ['posted', 'rejected'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

/** A transaction as others see it. Amounts are decimal strings, times ISO 8601 in UTC. */
export const transactionSchema = z.object({
  transaction_id: z.string().describe('Unique: drop repeats of an event by it'),
  vendor_id: z.int(),
  seq: z.int().describe("Place in the vendor's chain, from 1 without a gap"),
  type: z.enum(TRANSACTION_TYPES),
  status: z.enum(TRANSACTION_STATUSES),
  reason: z.enum(REJECTIONS).nullable().describe('Null unless rejected'),
  amount: decimal,
  balance_before: decimal,
  balance_after: decimal,
  currency: currencyCode,
  phone_number: z.string().nullable().describe('Null if the type has none, or if it was erased'),
  phone_erased: z.boolean(),
  message_id: z.string().describe("The command's identity in the log; begins with ~ if the system made it"),
  idempotency_key: z
    .string()
    .nullable()
    .describe("The sender's own key; null if the system made the message id"),
  principal: z.string().describe('Who sent it: token:<id>, operator:<name> or system:<name>'),
  source: z.string().describe('The system that published it'),
  reference: z.string().nullable().describe("The sender's own reference"),
  metadata: z.record(z.string(), z.string()).nullable(),
  resolves: z.string().nullable().describe('The id of the transaction that this one reverses or ends'),
  operator: z.string().nullable().describe('The telecom operator; null if none was asked'),
  livemode: z.boolean().describe('False for a test vendor'),
  details: z.record(z.string(), z.unknown()).nullable(),
  business_day: z.string(),
  created_at: z.string(),
});
export type TransactionView = z.infer<typeof transactionSchema>;

const posted = z.object({
  outcome: z.literal('posted'),
  replayed: z.boolean().describe('The outcome of an earlier command under the same key'),
  transaction: transactionSchema,
});
const rejected = z.object({
  outcome: z.literal('rejected'),
  replayed: z.boolean(),
  code: z.enum(REJECTIONS),
  /** Null only for IDEMPOTENCY_KEY_REUSED, which leaves no row. */
  transaction: transactionSchema.nullable().describe('Null for IDEMPOTENCY_KEY_REUSED alone'),
  details: z.record(z.string(), z.unknown()).nullable(),
});

/** What LEDGER_EVENTS says of every transaction. */
export const eventSchema = z.discriminatedUnion('outcome', [
  posted,
  rejected.extend({ transaction: transactionSchema }),
]);

/** The one answer to a command, on the caller's outcome subject. */
export const outcomeSchema = z.discriminatedUnion('outcome', [
  posted,
  rejected,
  /** The deadline had passed: nothing was done, and the key is free. */
  z.object({
    outcome: z.literal('expired'),
    vendor_id: z.int(),
    message_id: z.string(),
    expires_at: z.string(),
  }),
  z.object({
    outcome: z.literal('dead-letter'),
    reason: z.enum(DEAD_LETTER_REASONS),
    detail: z.string(),
    message_id: z.string().nullable(),
  }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
