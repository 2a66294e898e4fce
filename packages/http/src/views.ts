import {
  auditRunSchema,
  type CreditRequest,
  creditRequestSchema,
  currencyCode,
  metadataSchema,
  REJECTIONS,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
  type TransactionView,
  type VendorView,
} from '@b2b-charge/contracts';
import { z } from 'zod';
import { amountOut, toNumber, toNumberOrNull, totalOut } from './amounts.ts';

/** What the API shows of the system's things, each schema beside the function that makes it. */

export const chargeView = z
  .object({
    transaction_id: z.string(),
    phone_number: z.string(),
    amount: amountOut,
    balance_before: amountOut,
    balance_after: amountOut,
    currency: currencyCode,
    idempotency_key: z.string(),
    reference: z.string().nullable(),
    metadata: metadataSchema.nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Charge' });

export const showCharge = (transaction: TransactionView, key: string): z.output<typeof chargeView> => ({
  transaction_id: transaction.transaction_id,
  phone_number: transaction.phone_number ?? '',
  amount: toNumber(transaction.amount),
  balance_before: toNumber(transaction.balance_before),
  balance_after: toNumber(transaction.balance_after),
  currency: transaction.currency,
  idempotency_key: key,
  reference: transaction.reference,
  metadata: transaction.metadata,
  created_at: transaction.created_at,
});

export const transactionView = z
  .object({
    transaction_id: z.string(),
    vendor_id: z.int(),
    seq: z.int(),
    type: z.enum(TRANSACTION_TYPES),
    status: z.enum(TRANSACTION_STATUSES),
    reason: z.enum(REJECTIONS).nullable(),
    amount: amountOut,
    phone_number: z.string().nullable(),
    balance_before: amountOut,
    balance_after: amountOut,
    currency: currencyCode,
    phone_erased: z.boolean(),
    idempotency_key: z.string().nullable(),
    principal: z.string(),
    source: z.string(),
    reference: z.string().nullable(),
    metadata: metadataSchema.nullable(),
    resolves: z.string().nullable(),
    operator: z.string().nullable(),
    livemode: z.boolean(),
    business_day: z.iso.date(),
    details: z.record(z.string(), z.unknown()).nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Transaction' });

export const showTransaction = (transaction: TransactionView): z.output<typeof transactionView> => ({
  transaction_id: transaction.transaction_id,
  vendor_id: transaction.vendor_id,
  seq: transaction.seq,
  type: transaction.type,
  status: transaction.status,
  reason: transaction.reason,
  amount: toNumber(transaction.amount),
  phone_number: transaction.phone_number,
  balance_before: toNumber(transaction.balance_before),
  balance_after: toNumber(transaction.balance_after),
  currency: transaction.currency,
  phone_erased: transaction.phone_erased,
  idempotency_key: transaction.idempotency_key,
  principal: transaction.principal,
  source: transaction.source,
  reference: transaction.reference,
  metadata: transaction.metadata,
  resolves: transaction.resolves,
  operator: transaction.operator,
  livemode: transaction.livemode,
  business_day: transaction.business_day,
  details: transaction.details,
  created_at: transaction.created_at,
});

/** What the gateway applies to a vendor; null takes the configured default. */
export interface VendorSettings {
  /** Requests per window. */
  readonly rate_limit: number | null;
  readonly require_idempotency_key: boolean | null;
}

export const vendorView = z
  .object({
    vendor_id: z.int(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    livemode: z.boolean(),
    balance: amountOut,
    held: amountOut,
    daily_limit: amountOut.nullable(),
    charged_today: totalOut,
    currency: currencyCode,
    business_day: z.string(),
    seq: z.int(),
    rate_limit: z.int().nullable(),
    require_idempotency_key: z.boolean().nullable(),
    opened_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Vendor' });

export const showVendor = (
  vendor: VendorView,
  settings: VendorSettings,
  currency: string,
): z.output<typeof vendorView> => ({
  ...vendor,
  balance: toNumber(vendor.balance),
  held: toNumber(vendor.held),
  daily_limit: toNumberOrNull(vendor.daily_limit),
  charged_today: toNumber(vendor.charged_today),
  currency,
  rate_limit: settings.rate_limit,
  require_idempotency_key: settings.require_idempotency_key,
});

export const creditView = creditRequestSchema
  .extend({ amount: amountOut, currency: currencyCode })
  .meta({ id: 'CreditRequest' });

export const showCredit = (credit: CreditRequest, currency: string): z.output<typeof creditView> => ({
  ...credit,
  amount: toNumber(credit.amount),
  currency,
});

export const creditPage = z.object({
  credit_requests: z.array(creditView),
  next_cursor: z.string().nullable(),
});

export const tokenView = z
  .object({
    id: z.int(),
    role: z.enum(['vendor', 'admin']),
    vendor_id: z.int().nullable(),
    name: z.string(),
    read_only: z.boolean(),
    created_by: z.string(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Token' });

export const auditRunView = auditRunSchema.meta({ id: 'AuditRun' });
