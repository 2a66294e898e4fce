import { z } from 'zod';
import { actor, currencyCode, cursor, decimal, total, vendorId } from './fields.ts';

/** What is checked. The first six and the next three are the invariants of the system; the others are comparisons. */
export const CHECKS = [
  'no-overdraft',
  'exactly-once',
  'serial',
  'conservation',
  'chain',
  'append-only',
  'no-silent-loss',
  'bounded-doubt',
  'tenancy',
  'stored-balance',
  'daily-counter',
  'reversals',
  'credit-requests',
  'redis-copies',
  'checkpoint',
  'witness',
] as const;
export type CheckName = (typeof CHECKS)[number];

export const LEVELS = ['VERIFIED', 'MINOR_DISCREPANCY', 'CRITICAL'] as const;
export type Level = (typeof LEVELS)[number];

export const findingSchema = z.object({
  number: z.int(),
  check: z.enum(CHECKS),
  level: z.enum(['MINOR_DISCREPANCY', 'CRITICAL']),
  /** Null when it concerns no one vendor. */
  vendor_id: z.int().nullable(),
  seq: z.int().nullable(),
  transaction_id: z.string().nullable(),
  expected: z.string(),
  found: z.string(),
  message: z.string(),
  /** What to do about it. */
  advice: z.string(),
  fixed: z.boolean(),
});
export type Finding = z.infer<typeof findingSchema>;

export const RUN_STATUSES = ['running', 'verified', 'minor', 'critical', 'failed'] as const;

/** A run of the auditor without its findings. */
export const auditRunSchema = z.object({
  run_id: z.int(),
  mode: z.enum(['incremental', 'full']),
  /** Set when only one vendor was checked. */
  vendor_id: z.int().nullable(),
  /** cli, call or schedule. */
  trigger: z.string(),
  started_by: z.string(),
  status: z.enum(RUN_STATUSES),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  duration_ms: z.int().nullable(),
  vendors_checked: z.int(),
  transactions_checked: z.int(),
  /** Checked transactions whose phone number was erased. */
  numbers_erased: z.int(),
  commands_checked: z.int(),
  verified: z.int(),
  /** Vendors with minor discrepancies that are still there. */
  minor: z.int(),
  minor_fixed: z.int(),
  critical: z.int(),
  findings: z.int(),
  /** Over all vendors: what is stored, and what the transactions add up to. */
  stored_total: total,
  calculated_total: total,
  currency: currencyCode,
  /** What could not be compared, and what findings between log and books were seen in; a sentence or two each. */
  notes: z.array(z.string()),
  /** Of a run that is still going: the share done, 0 to 1. */
  progress: z.number().nullable(),
  error: z.string().nullable(),
});
export type AuditRun = z.infer<typeof auditRunSchema>;

/** The signed state of all books at one moment. The statement is the signed text, line by line. */
export const checkpointSchema = z.object({
  checkpoint_id: z.int(),
  taken_at: z.string(),
  statement: z.string(),
  key_id: z.string(),
  /** Ed25519 over the statement's UTF-8 bytes, base64. */
  signature: z.string(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What is published on audit.reports after every run: the newest checkpoint comes along as a witness. */
export const publishedReportSchema = z.object({
  run: auditRunSchema,
  findings: z.array(findingSchema),
  checkpoint: checkpointSchema.nullable(),
});
export type PublishedReport = z.infer<typeof publishedReportSchema>;

/** Proof, checkable offline, of one transaction: docs/reconciler.md says how. */
export const receiptSchema = z.object({
  statement: z.string(),
  key_id: z.string(),
  signature: z.string(),
  public_key: z.string(),
  checkpoint: checkpointSchema.nullable(),
  /** Opens the phone commitment of the statement; null without a number, or after an erasure. */
  phone: z.object({ number: z.string(), salt: z.string() }).nullable(),
  /** The JSON text behind the statement's digest of the details; null without any. */
  details: z.string().nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Request/reply calls on the reconciler. Errors: RUN_IN_PROGRESS, NOT_FOUND. */
export const AUDIT_CALLS = {
  /** One vendor's books, checked now. `full` begins at the first transaction, else at the last checkpoint. */
  'audit.verify': {
    request: z.object({ vendor_id: vendorId, full: z.boolean().default(false) }),
    response: z
      .object({
        vendor_id: z.int(),
        name: z.string(),
        level: z.enum(LEVELS),
        balance: decimal,
        calculated_balance: total,
        /** Stored minus calculated; may be negative. */
        discrepancy: total,
        seq: z.int(),
        transactions_checked: z.int(),
        checked_at: z.string(),
        findings: z.array(findingSchema),
      })
      .nullable(),
  },
  /** Starts a run over all vendors; `wait_ms` above zero waits that long for its end. RUN_IN_PROGRESS if one is. */
  'audit.run': {
    request: z.object({
      mode: z.enum(['incremental', 'full']).default('incremental'),
      /** Has the ledger rebuild what is slightly wrong in a vendor's stored copies, from its transactions. */
      fix: z.boolean().default(false),
      by: actor,
      wait_ms: z.int().min(0).max(60_000).default(0),
    }),
    response: auditRunSchema,
  },
  'audit.runs': {
    request: z.object({
      status: z.enum(RUN_STATUSES).nullish(),
      limit: z.int().min(1).max(200).default(50),
      cursor,
    }),
    response: z.object({ runs: z.array(auditRunSchema), next_cursor: z.string().nullable() }),
  },
  /** A run with its findings (the first 1,000), or as a document. Without a run id the newest finished one. */
  'audit.report': {
    request: z.object({
      run_id: z.int().nullish(),
      format: z.enum(['json', 'text']).default('json'),
    }),
    response: z
      .object({
        run: auditRunSchema,
        findings: z.array(findingSchema),
        checkpoint: checkpointSchema.nullable(),
        content_type: z.string(),
        /** The document; for JSON null, since the fields above are it. */
        body: z.string().nullable(),
      })
      .nullable(),
  },
  'audit.receipt': {
    request: z.object({ vendor_id: vendorId.nullish(), transaction_id: z.string().max(64) }),
    response: receiptSchema.nullable(),
  },
  'audit.keys': {
    request: z.object({}),
    response: z.object({
      keys: z.array(
        z.object({
          key_id: z.string(),
          public_key: z.string(),
          created_at: z.string(),
          current: z.boolean(),
        }),
      ),
    }),
  },
  'audit.checkpoint': { request: z.object({}), response: checkpointSchema.nullable() },
} as const;
