import { z } from 'zod';
import { AUDIT_CALLS } from './audit.ts';
import { commandSchema } from './commands.ts';
import { CREDIT_CALLS } from './credits.ts';
import { DEAD_LETTER_CALLS } from './dead-letters.ts';
import { decimal, instant, page, total, vendorId } from './fields.ts';
import { outcomeSchema, TRANSACTION_STATUSES, TRANSACTION_TYPES, transactionSchema } from './outcomes.ts';
import { WEBHOOK_CALLS } from './webhooks.ts';

export const vendorSchema = z.object({
  vendor_id: vendorId,
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  balance: decimal,
  /** The part of the balance that open holds keep. */
  held: decimal,
  daily_limit: decimal.nullable(),
  /** Charged on `business_day`, reversals of that day given back. */
  charged_today: total,
  business_day: z.string(),
  /** Number of the vendor's last transaction: a later answer never has a lower one. */
  seq: z.int(),
  livemode: z.boolean(),
  opened_at: z.string(),
  updated_at: z.string(),
});
export type VendorView = z.infer<typeof vendorSchema>;

export const transactionFilter = z.object({
  type: z.enum(TRANSACTION_TYPES).nullish(),
  status: z.enum(TRANSACTION_STATUSES).nullish(),
  phone_number: z.string().nullish(),
  message_id: z.string().nullish(),
  reference: z.string().nullish(),
  principal: z.string().nullish(),
  /** Inclusive. */
  from: instant.nullish(),
  /** Exclusive. */
  to: instant.nullish(),
});

/** A transaction with what proves it: its hashes, and the place of its command in the log. */
export const chainLinkSchema = z.object({
  transaction: transactionSchema,
  /** Of the command, hex. */
  fingerprint: z.string(),
  previous_hash: z.string(),
  hash: z.string(),
  lane: z.int(),
  stream: z.int(),
  stream_epoch: z.int(),
  stream_seq: z.int(),
  stream_index: z.int(),
  /** Hex; null if the type has no phone number. */
  phone_commitment: z.string().nullable(),
  /** The id of the reversal that gave the charge back. */
  reversed_by: z.string().nullable(),
});
export type ChainLink = z.infer<typeof chainLinkSchema>;

/** The longest business day, where clocks change, and some. */
const MAX_SALES_MS = 26 * 3_600_000;

/** Request/reply calls on the ledger, answered by any of its processes. Null answers "there is none". */
export const LEDGER_CALLS = {
  'ledger.query.vendor': {
    request: z.object({ vendor_id: vendorId }),
    response: vendorSchema.nullable(),
  },
  'ledger.query.vendors': {
    request: z.object({
      search: z.string().max(100).nullish(),
      /** These only. */
      ids: z.array(vendorId).max(200).nullish(),
      ...page,
    }),
    response: z.object({ vendors: z.array(vendorSchema), next_cursor: z.string().nullable() }),
  },
  'ledger.query.balance-at': {
    request: z.object({ vendor_id: vendorId, at: instant }),
    response: z.object({ vendor_id: vendorId, at: z.string(), balance: decimal, seq: z.int() }).nullable(),
  },
  'ledger.query.transaction': {
    request: z.object({ vendor_id: vendorId.nullish(), id: z.string() }),
    response: transactionSchema.nullable(),
  },
  /** The links of a vendor's chain around one, in their order. */
  'ledger.query.chain': {
    request: z.object({
      vendor_id: vendorId,
      seq: z.int().min(1),
      around: z.int().min(0).max(20).default(0),
    }),
    response: z.object({ links: z.array(chainLinkSchema) }),
  },
  /**
   * The outcome bound to a key. With the command's deadline the reply tells "not yet" from "never"; with the command
   * itself, a key that another command holds is answered IDEMPOTENCY_KEY_REUSED.
   */
  'ledger.query.outcome': {
    request: z.object({
      vendor_id: vendorId,
      message_id: z.string(),
      expires_at: instant.nullish(),
      command: commandSchema.nullish(),
    }),
    response: z.object({ outcome: outcomeSchema.nullable(), never_executed: z.boolean() }),
  },
  'ledger.query.transactions': {
    request: transactionFilter.extend({
      vendor_id: vendorId.nullish(),
      summary: z.boolean().default(false),
      ...page,
    }),
    response: z.object({
      transactions: z.array(transactionSchema),
      next_cursor: z.string().nullable(),
      summary: z
        .object({ count: z.int(), charged: total, credited: total, reversed: total, rejected: z.int() })
        .nullable(),
    }),
  },
  /** Sales of all vendors by hour, counted from `from`; hours without any are left out. At most 26 hours. */
  'ledger.query.sales': {
    request: z
      .object({ from: instant, to: instant })
      .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= MAX_SALES_MS, 'at most 26 hours'),
    response: z.object({
      hours: z.array(
        z.object({
          from: z.string(),
          charged: total,
          reversed: total,
          /** Charges posted, and refused. */
          count: z.int(),
          rejected: z.int(),
        }),
      ),
    }),
  },
  /** The vendors that sold most on this business day, and how many sold anything. */
  'ledger.query.top-vendors': {
    request: z.object({ limit: z.int().min(1).max(50).default(10) }),
    response: z.object({
      vendors: z.array(z.object({ vendor_id: vendorId, name: z.string(), charged_today: total })),
      selling: z.int(),
    }),
  },
  /** A vendor's balance just before each of some moments, evenly from `from` to `to`; those before it existed are left out. */
  'ledger.query.balance-history': {
    request: z.object({
      vendor_id: vendorId,
      from: instant,
      to: instant,
      points: z.int().min(2).max(200).default(100),
    }),
    response: z.object({ points: z.array(z.object({ at: z.string(), balance: decimal })) }),
  },
  'ledger.query.lanes': {
    request: z.object({}),
    response: z.object({
      lanes: z.array(
        z.object({
          lane: z.int(),
          owner: z.string().nullable(),
          epoch: z.int(),
          stream_epoch: z.int(),
          cursor_seq: z.int(),
          published_seq: z.int(),
          lease_ms: z.int(),
        }),
      ),
    }),
  },
} as const;

/**
 * Calls about one vendor. They are answered on `<name>.<vendor>`, too, where the vendor of the subject is the one of the
 * request: there the permissions of an internal system hold it to its own vendors.
 */
export const VENDOR_CALLS = [
  'ledger.query.outcome',
  'ledger.query.vendor',
  'ledger.query.transactions',
] as const satisfies (keyof typeof LEDGER_CALLS)[];
export type VendorCallName = (typeof VENDOR_CALLS)[number];

/** Every request/reply call of the system by its subject. */
export const CALLS = {
  ...LEDGER_CALLS,
  ...DEAD_LETTER_CALLS,
  ...CREDIT_CALLS,
  ...AUDIT_CALLS,
  ...WEBHOOK_CALLS,
} as const;
export type CallName = keyof typeof CALLS;
export type CallRequest<N extends CallName> = z.input<(typeof CALLS)[N]['request']>;
export type CallResponse<N extends CallName> = z.output<(typeof CALLS)[N]['response']>;

/** What stands on the wire as the answer to a call. */
export type CallReply =
  /** The currency of every amount in the data. */
  { ok: true; currency: string; data: unknown } | { ok: false; error: { code: string; message: string } };
