import type { CREDIT_STATUSES } from '@b2b-charge/contracts';
import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';

/** int8 comes as text; what is written may be a bigint. */
type BigInt8 = ColumnType<string, bigint | string, bigint | string>;
type Id = ColumnType<string, never, never>;
type CreditStatus = (typeof CREDIT_STATUSES)[number];

export interface RequestsTable {
  id: Id;
  vendor_id: number;
  amount: BigInt8;
  status: Generated<CreditStatus>;
  requested_by: string;
  idempotency_key: string | null;
  approvals_needed: number;
  business_day: ColumnType<Date, string, never>;
  decided_by: string | null;
  decided_at: ColumnType<Date | null, Date | null, Date>;
  reason: string | null;
  transaction_id: string | null;
  created_at: Generated<Date>;
}

export interface ApprovalsTable {
  request_id: BigInt8;
  approved_by: string;
  approved_at: Generated<Date>;
}

export interface OutboxTable {
  request_id: BigInt8;
  vendor_id: number;
  amount: BigInt8;
  message_id: string;
  principal: string;
  traceparent: string | null;
  attempts: Generated<number>;
  next_attempt_at: Generated<Date>;
  last_error: string | null;
  created_at: Generated<Date>;
  done_at: Date | null;
}

export interface VendorLimitsTable {
  vendor_id: number;
  daily_limit: BigInt8 | null;
  set_by: string;
  set_at: Generated<Date>;
}

export interface AuditTrailTable {
  id: Id;
  at: Generated<Date>;
  actor: string;
  origin: string | null;
  action: string;
  request_id: BigInt8 | null;
  vendor_id: number;
  details: ColumnType<Record<string, unknown>, string, never>;
}

export interface CreditsSchema {
  'credits.requests': RequestsTable;
  'credits.approvals': ApprovalsTable;
  'credits.outbox': OutboxTable;
  'credits.vendor_limits': VendorLimitsTable;
  'credits.audit_trail': AuditTrailTable;
}

export type Database = Kysely<CreditsSchema>;
export type Tx = Transaction<CreditsSchema>;
