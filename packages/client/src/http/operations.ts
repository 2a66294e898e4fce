// Generated from the OpenAPI documents of the gateway and the back office; `npx vitest run scripts/http-client -u` writes it anew.
// biome-ignore-all format: generated

export type AuditReport = { "run": AuditRun; "findings": ({ "number": number; "check": "no-overdraft" | "exactly-once" | "serial" | "conservation" | "chain" | "append-only" | "no-silent-loss" | "bounded-doubt" | "tenancy" | "stored-balance" | "daily-counter" | "reversals" | "credit-requests" | "redis-copies" | "checkpoint" | "witness"; "level": "MINOR_DISCREPANCY" | "CRITICAL"; "vendor_id": number | null; "seq": number | null; "transaction_id": string | null; "expected": string; "found": string; "message": string; "advice": string; "fixed": boolean })[]; "checkpoint": { "checkpoint_id": number; "taken_at": string; "statement": string; "key_id": string; "signature": string } | null };
export type AuditRun = { "run_id": number; "mode": "incremental" | "full"; "vendor_id": number | null; "trigger": string; "started_by": string; "status": "running" | "verified" | "minor" | "critical" | "failed"; "started_at": string; "finished_at": string | null; "duration_ms": number | null; "vendors_checked": number; "transactions_checked": number; "numbers_erased": number; "commands_checked": number; "verified": number; "minor": number; "minor_fixed": number; "critical": number; "findings": number; "stored_total": string; "calculated_total": string; "currency": string; "notes": (string)[]; "progress": number | null; "error": string | null };
export type Balance = { "vendor_id": number; "balance": number; "currency": string; "seq": number; "at": string | null; "name"?: string; "status"?: "active" | "suspended"; "daily_limit"?: number | null; "charged_today"?: number; "business_day"?: string };
export type Batch = { "items": ({ "phone_number": string; "amount": number | string; "idempotency_key"?: string | null; "reference"?: string | null; "metadata"?: Record<string, string> | null })[] };
export type BatchResult = { "total": number; "sold": number; "pending": number; "failed": number; "results": ({ "index": number; "status": number; "success": boolean; "replayed": boolean; "data": Charge | Pending | null; "error": Problem | null })[] };
export type Charge = { "transaction_id": string; "phone_number": string; "amount": number; "balance_before": number; "balance_after": number; "currency": string; "idempotency_key": string; "reference": string | null; "metadata": Record<string, string> | null; "created_at": string };
export type Checkpoint = { "checkpoint_id": number; "taken_at": string; "statement": string; "key_id": string; "signature": string };
export type CreditApplication = { "amount": number | string; "idempotency_key"?: string | null };
export type CreditDecisions = { "ids": (number)[]; "decision": "approve" | "reject"; "reason"?: string };
export type CreditLimit = { "daily_limit": number | string | null };
export type CreditRejection = { "reason": string };
export type CreditRequest = { "id": number; "vendor_id": number; "amount": number; "status": "pending" | "approved" | "posted" | "rejected" | "cancelled"; "requested_by": string; "approvals": ({ "by": string; "at": string })[]; "approvals_needed": number; "decided_by": string | null; "decided_at": string | null; "reason": string | null; "transaction_id": string | null; "created_at": string; "currency": string };
export type DeadLetter = { "id": string; "lane": number; "stream_epoch": number; "stream_seq": number; "subject": string; "message_id": string | null; "reason": "MALFORMED" | "UNKNOWN_SCHEMA" | "UNKNOWN_VENDOR" | "WRONG_LANE" | "NOT_PERMITTED" | "FAILED"; "detail": string; "headers": Record<string, unknown>; "payload_base64": string; "created_at": string; "resubmitted_as": string | null };
export type Health = { "status": "ok" | "degraded" | "down"; "postgres": "ok" | "down"; "redis": "ok" | "down"; "nats": "ok" | "down"; "log": "ok" | "down"; "ledger": "ok" | "down"; "clock": "ok" | "down"; "latency_ms": { "postgres": number; "redis": number; "nats": number; "log": number; "ledger": number; "clock": number }; "lanes": { "total": number; "without_owner": (number)[]; "lag_ms": number } | null };
export type IssuedToken = { "id": number; "role": "vendor" | "admin"; "vendor_id": number | null; "name": string; "read_only": boolean; "created_by": string; "created_at": string; "expires_at": string | null; "revoked_at": string | null; "last_used_at": string | null; "token": string };
export type NewAudit = { "mode"?: "incremental" | "full" };
export type NewToken = { "name": string; "read_only"?: boolean; "expires_in"?: number | null };
export type NewVendor = { "name": string; "daily_limit"?: number | string | null; "rate_limit"?: number | null; "require_idempotency_key"?: boolean | null };
export type NewWebhook = { "url": string; "event_types": ("charge-posted" | "charge-rejected" | "credit-posted" | "credit-rejected" | "reversal-posted" | "reversal-rejected" | "update-vendor-posted")[]; "description"?: string };
export type Pending = { "status": "PENDING"; "idempotency_key": string; "expires_at": string; "location": string };
export type Problem = { "code": "VALIDATION_ERROR" | "IDEMPOTENCY_KEY_REQUIRED" | "HOST_NOT_ALLOWED" | "BAD_REQUEST" | "UNAUTHENTICATED" | "FORBIDDEN" | "READ_ONLY_TOKEN" | "SELF_APPROVAL" | "INSUFFICIENT_BALANCE" | "VENDOR_INACTIVE" | "NOT_FOUND" | "NEVER_EXECUTED" | "NOT_CONFIGURED" | "METHOD_NOT_ALLOWED" | "DUPLICATE_SUSPECTED" | "ALREADY_REVERSED" | "ALREADY_DECIDED" | "ALREADY_APPROVED" | "VENDOR_EXISTS" | "RUN_IN_PROGRESS" | "TOO_MANY_WEBHOOKS" | "NOT_RESUBMITTABLE" | "NOT_PROVEN" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "DAILY_LIMIT_EXCEEDED" | "DAILY_CREDIT_LIMIT_EXCEEDED" | "IDEMPOTENCY_KEY_REUSED" | "NOT_REVERSIBLE" | "WEBHOOK_URL_NOT_ALLOWED" | "BALANCE_LIMIT_EXCEEDED" | "HISTORY_INCONSISTENT" | "RATE_LIMITED" | "INTERNAL" | "EXPIRED" | "UNAVAILABLE" | "OVERLOADED"; "message": string; "details"?: Record<string, unknown>; "request_id": string };
export type Receipt = { "statement": string; "key_id": string; "signature": string; "public_key": string; "checkpoint": { "checkpoint_id": number; "taken_at": string; "statement": string; "key_id": string; "signature": string } | null; "phone": { "number": string; "salt": string } | null; "details": string | null };
export type Resubmission = { "note": string; "message_id"?: string; "again"?: boolean; "dry_run"?: boolean };
export type Resubmitted = { "sent": boolean; "subject": string; "vendor_id": number; "message_id": string; "payload_base64": string; "outcome": string | null };
export type Reversal = { "reason": string };
export type Sale = { "phone_number": string; "amount": number | string; "idempotency_key"?: string | null; "reference"?: string | null; "metadata"?: Record<string, string> | null };
export type SecretRotation = { "overlap_s"?: number };
export type Token = { "id": number; "role": "vendor" | "admin"; "vendor_id": number | null; "name": string; "read_only": boolean; "created_by": string; "created_at": string; "expires_at": string | null; "revoked_at": string | null; "last_used_at": string | null };
export type Transaction = { "transaction_id": string; "vendor_id": number; "seq": number; "type": "charge" | "credit" | "reversal" | "rebuild" | "open-vendor" | "update-vendor"; "status": "posted" | "rejected"; "reason": "INSUFFICIENT_BALANCE" | "DAILY_LIMIT_EXCEEDED" | "VENDOR_INACTIVE" | "IDEMPOTENCY_KEY_REUSED" | "ALREADY_REVERSED" | "NOT_REVERSIBLE" | "VENDOR_EXISTS" | "HISTORY_INCONSISTENT" | "BALANCE_LIMIT_EXCEEDED" | null; "amount": number; "phone_number": string | null; "balance_before": number; "balance_after": number; "currency": string; "phone_erased": boolean; "idempotency_key": string | null; "principal": string; "source": string; "reference": string | null; "metadata": Record<string, string> | null; "resolves": string | null; "operator": string | null; "livemode": boolean; "business_day": string; "details": Record<string, unknown> | null; "created_at": string };
export type Vendor = { "vendor_id": number; "name": string; "status": "active" | "suspended"; "livemode": boolean; "balance": number; "held": number; "daily_limit": number | null; "charged_today": number; "currency": string; "business_day": string; "seq": number; "rate_limit": number | null; "require_idempotency_key": boolean | null; "opened_at": string; "updated_at": string };
export type VendorChange = { "name"?: string; "status"?: "active" | "suspended"; "daily_limit"?: number | string | null; "rate_limit"?: number | null; "require_idempotency_key"?: boolean | null };
export type Verification = { "vendor_id": number; "name": string; "level": "VERIFIED" | "MINOR_DISCREPANCY" | "CRITICAL"; "balance": number; "calculated_balance": number; "discrepancy": number; "currency": string; "seq": number; "transactions_checked": number; "checked_at": string; "findings": ({ "number": number; "check": "no-overdraft" | "exactly-once" | "serial" | "conservation" | "chain" | "append-only" | "no-silent-loss" | "bounded-doubt" | "tenancy" | "stored-balance" | "daily-counter" | "reversals" | "credit-requests" | "redis-copies" | "checkpoint" | "witness"; "level": "MINOR_DISCREPANCY" | "CRITICAL"; "vendor_id": number | null; "seq": number | null; "transaction_id": string | null; "expected": string; "found": string; "message": string; "advice": string; "fixed": boolean })[] };
export type Webhook = { "id": number; "vendor_id": number; "url": string; "event_types": (string)[]; "description": string | null; "enabled": boolean; "disabled_reason": "by-hand" | "failing" | "gone" | null; "pending": number; "failures": number; "failing_since": string | null; "last_success_at": string | null; "last_error": string | null; "old_secret_until": string | null; "created_by": string; "created_at": string; "updated_at": string };
export type WebhookChange = { "url"?: string; "event_types"?: ("charge-posted" | "charge-rejected" | "credit-posted" | "credit-rejected" | "reversal-posted" | "reversal-rejected" | "update-vendor-posted")[]; "description"?: string; "enabled"?: boolean };
export type WebhookDelivery = { "id": number; "webhook_id": number; "vendor_id": number; "event_id": string; "type": string; "state": "pending" | "delivered" | "dead"; "attempts": number; "last_status": number | null; "last_error": string | null; "created_at": string; "last_attempt_at": string | null; "finished_at": string | null };
export type WebhookReplay = { "ids"?: (number)[]; "webhook_id"?: number; "from"?: string; "to"?: string };
export type WebhookWithSecret = { "webhook": Webhook; "secret": string };

export interface Operations {
  sellCharge: { input: { body: Sale }; answer: { status: 200; data: Charge } | { status: 202; data: Pending } };
  sellBatch: { input: { body: Batch }; answer: { status: 200; data: BatchResult } };
  getChargeByKey: { input: { params: { "key": string | number }; query?: { "expires_at"?: string | number | undefined } }; answer: { status: 200; data: Transaction } | { status: 202; data: Pending } };
  getCharge: { input: { params: { "id": string | number } }; answer: { status: 200; data: Transaction } };
  getBalance: { input: { query?: { "at"?: string | number | undefined } }; answer: { status: 200; data: Balance } };
  listTransactions: { input: { query?: { "type"?: "charge" | "credit" | "reversal" | "rebuild" | "open-vendor" | "update-vendor" | undefined; "status"?: "posted" | "rejected" | undefined; "phone_number"?: string | number | undefined; "idempotency_key"?: string | number | undefined; "reference"?: string | number | undefined; "principal"?: string | number | undefined; "from"?: string | number | undefined; "to"?: string | number | undefined; "summary"?: "true" | "false" | undefined; "format"?: "json" | "csv" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "transactions": (Transaction)[]; "next_cursor": string | null; "summary": { "count": number; "charged": number; "credited": number; "reversed": number; "currency": string; "rejected": number } | null } } };
  getTransaction: { input: { params: { "id": string | number } }; answer: { status: 200; data: Transaction } };
  getReceipt: { input: { params: { "id": string | number } }; answer: { status: 200; data: Receipt } };
  requestCredit: { input: { body: CreditApplication }; answer: { status: 201; data: CreditRequest } };
  listCredits: { input: { query?: { "status"?: "pending" | "approved" | "posted" | "rejected" | "cancelled" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "credit_requests": (CreditRequest)[]; "next_cursor": string | null } } };
  getCredit: { input: { params: { "id": string | number } }; answer: { status: 200; data: CreditRequest } };
  cancelCredit: { input: { params: { "id": string | number } }; answer: { status: 200; data: CreditRequest } };
  verifyBalance: { input: { query?: { "vendor_id"?: string | number | undefined; "full"?: "true" | "false" | undefined } }; answer: { status: 200; data: Verification } };
  getHealth: { input: object; answer: { status: 200; data: Health } };
  getMetrics: { input: object; answer: { status: 200; data: unknown } };
  getAuditKeys: { input: object; answer: { status: 200; data: { "keys": ({ "key_id": string; "public_key": string; "created_at": string; "current": boolean })[] } } };
  getCheckpoint: { input: object; answer: { status: 200; data: Checkpoint } };
  createOwnWebhook: { input: { body: NewWebhook }; answer: { status: 201; data: WebhookWithSecret } };
  listOwnWebhooks: { input: object; answer: { status: 200; data: { "webhooks": (Webhook)[] } } };
  deleteOwnWebhook: { input: { params: { "id": string | number } }; answer: { status: 200; data: Webhook } };
  listOwnWebhookDeliveries: { input: { query?: { "webhook_id"?: string | number | undefined; "state"?: "pending" | "delivered" | "dead" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "deliveries": (WebhookDelivery)[]; "next_cursor": string | null } } };
  createVendor: { input: { body: NewVendor }; answer: { status: 201; data: Vendor } };
  listVendors: { input: { query?: { "search"?: string | number | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "vendors": (Vendor)[]; "next_cursor": string | null } } };
  getVendor: { input: { params: { "id": string | number } }; answer: { status: 200; data: Vendor } };
  updateVendor: { input: { params: { "id": string | number }; body: VendorChange }; answer: { status: 200; data: Vendor } };
  suspendVendor: { input: { params: { "id": string | number } }; answer: { status: 200; data: Vendor } };
  activateVendor: { input: { params: { "id": string | number } }; answer: { status: 200; data: Vendor } };
  setCreditLimit: { input: { params: { "id": string | number }; body: CreditLimit }; answer: { status: 200; data: { "vendor_id": number; "daily_limit": number | null; "currency": string } } };
  issueVendorToken: { input: { params: { "id": string | number }; body: NewToken }; answer: { status: 201; data: IssuedToken } };
  listVendorTokens: { input: { params: { "id": string | number } }; answer: { status: 200; data: { "tokens": (Token)[] } } };
  revokeVendorToken: { input: { params: { "id": string | number; "token_id": string | number } }; answer: { status: 200; data: Token } };
  listAllCredits: { input: { query?: { "status"?: "pending" | "approved" | "posted" | "rejected" | "cancelled" | undefined; "vendor_id"?: string | number | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "credit_requests": (CreditRequest)[]; "next_cursor": string | null } } };
  decideCredits: { input: { body: CreditDecisions }; answer: { status: 200; data: { "results": ({ "id": number; "credit_request": CreditRequest | null; "error": { "code": "VALIDATION_ERROR" | "IDEMPOTENCY_KEY_REQUIRED" | "HOST_NOT_ALLOWED" | "BAD_REQUEST" | "UNAUTHENTICATED" | "FORBIDDEN" | "READ_ONLY_TOKEN" | "SELF_APPROVAL" | "INSUFFICIENT_BALANCE" | "VENDOR_INACTIVE" | "NOT_FOUND" | "NEVER_EXECUTED" | "NOT_CONFIGURED" | "METHOD_NOT_ALLOWED" | "DUPLICATE_SUSPECTED" | "ALREADY_REVERSED" | "ALREADY_DECIDED" | "ALREADY_APPROVED" | "VENDOR_EXISTS" | "RUN_IN_PROGRESS" | "TOO_MANY_WEBHOOKS" | "NOT_RESUBMITTABLE" | "NOT_PROVEN" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "DAILY_LIMIT_EXCEEDED" | "DAILY_CREDIT_LIMIT_EXCEEDED" | "IDEMPOTENCY_KEY_REUSED" | "NOT_REVERSIBLE" | "WEBHOOK_URL_NOT_ALLOWED" | "BALANCE_LIMIT_EXCEEDED" | "HISTORY_INCONSISTENT" | "RATE_LIMITED" | "INTERNAL" | "EXPIRED" | "UNAVAILABLE" | "OVERLOADED"; "message": string } | null })[] } } };
  getCreditTrail: { input: { params: { "id": string | number } }; answer: { status: 200; data: { "entries": ({ "at": string; "actor": string; "origin": string | null; "action": string; "details": Record<string, unknown> })[] } } };
  approveCredit: { input: { params: { "id": string | number } }; answer: { status: 200; data: CreditRequest } };
  rejectCredit: { input: { params: { "id": string | number }; body: CreditRejection }; answer: { status: 200; data: CreditRequest } };
  searchTransactions: { input: { query?: { "type"?: "charge" | "credit" | "reversal" | "rebuild" | "open-vendor" | "update-vendor" | undefined; "status"?: "posted" | "rejected" | undefined; "phone_number"?: string | number | undefined; "idempotency_key"?: string | number | undefined; "reference"?: string | number | undefined; "principal"?: string | number | undefined; "from"?: string | number | undefined; "to"?: string | number | undefined; "summary"?: "true" | "false" | undefined; "format"?: "json" | "csv" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined; "vendor_id"?: string | number | undefined } }; answer: { status: 200; data: { "transactions": (Transaction)[]; "next_cursor": string | null; "summary": { "count": number; "charged": number; "credited": number; "reversed": number; "currency": string; "rejected": number } | null } } };
  getAnyTransaction: { input: { params: { "id": string | number } }; answer: { status: 200; data: Transaction } };
  reverseTransaction: { input: { params: { "id": string | number }; body: Reversal }; answer: { status: 200; data: Transaction } };
  listReports: { input: { query?: { "status"?: "running" | "verified" | "minor" | "critical" | "failed" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "runs": (AuditRun)[]; "next_cursor": string | null } } };
  startAudit: { input: { body: NewAudit }; answer: { status: 202; data: AuditRun } };
  getLatestReport: { input: { query?: { "format"?: "json" | "text" | undefined } }; answer: { status: 200; data: AuditReport } };
  getReport: { input: { params: { "id": string | number }; query?: { "format"?: "json" | "text" | undefined } }; answer: { status: 200; data: AuditReport } };
  listDeadLetters: { input: { query?: { "reason"?: "MALFORMED" | "UNKNOWN_SCHEMA" | "UNKNOWN_VENDOR" | "WRONG_LANE" | "NOT_PERMITTED" | "FAILED" | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "dead_letters": (DeadLetter)[]; "next_cursor": string | null } } };
  resubmitDeadLetter: { input: { params: { "id": string | number }; body: Resubmission }; answer: { status: 200; data: Resubmitted } };
  createWebhook: { input: { params: { "id": string | number }; body: NewWebhook }; answer: { status: 201; data: WebhookWithSecret } };
  listWebhooks: { input: { params: { "id": string | number } }; answer: { status: 200; data: { "webhooks": (Webhook)[] } } };
  updateWebhook: { input: { params: { "id": string | number; "webhook_id": string | number }; body: WebhookChange }; answer: { status: 200; data: Webhook } };
  deleteWebhook: { input: { params: { "id": string | number; "webhook_id": string | number } }; answer: { status: 200; data: Webhook } };
  rotateWebhookSecret: { input: { params: { "id": string | number; "webhook_id": string | number }; body: SecretRotation }; answer: { status: 201; data: WebhookWithSecret } };
  testWebhook: { input: { params: { "id": string | number; "webhook_id": string | number } }; answer: { status: 202; data: WebhookDelivery } };
  listWebhookDeliveries: { input: { query?: { "vendor_id"?: string | number | undefined; "webhook_id"?: string | number | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined; "state"?: "pending" | "delivered" | "dead" | undefined } }; answer: { status: 200; data: { "deliveries": (WebhookDelivery)[]; "next_cursor": string | null } } };
  listDeadWebhooks: { input: { query?: { "vendor_id"?: string | number | undefined; "webhook_id"?: string | number | undefined; "limit"?: string | number | undefined; "cursor"?: string | number | undefined } }; answer: { status: 200; data: { "deliveries": (WebhookDelivery)[]; "next_cursor": string | null } } };
  replayWebhooks: { input: { body: WebhookReplay }; answer: { status: 200; data: { "replayed": number; "more": boolean } } };
  verifyVendor: { input: { query?: { "vendor_id"?: string | number | undefined; "full"?: "true" | "false" | undefined } }; answer: { status: 200; data: Verification | AuditRun } };
  getAdminCheckpoint: { input: object; answer: { status: 200; data: Checkpoint } };
}

export const OPERATIONS = {
  sellCharge: { method: 'POST', path: '/api/v1/charges/sell/' },
  sellBatch: { method: 'POST', path: '/api/v1/charges/sell/batch/' },
  getChargeByKey: { method: 'GET', path: '/api/v1/charges/by-key/{key}/' },
  getCharge: { method: 'GET', path: '/api/v1/charges/{id}/' },
  getBalance: { method: 'GET', path: '/api/v1/vendors/balance/' },
  listTransactions: { method: 'GET', path: '/api/v1/transactions/' },
  getTransaction: { method: 'GET', path: '/api/v1/transactions/{id}/' },
  getReceipt: { method: 'GET', path: '/api/v1/transactions/{id}/receipt/' },
  requestCredit: { method: 'POST', path: '/api/v1/credits/request/' },
  listCredits: { method: 'GET', path: '/api/v1/credits/' },
  getCredit: { method: 'GET', path: '/api/v1/credits/{id}/' },
  cancelCredit: { method: 'POST', path: '/api/v1/credits/{id}/cancel/' },
  verifyBalance: { method: 'GET', path: '/api/v1/balance/verify/' },
  getHealth: { method: 'GET', path: '/api/health/' },
  getMetrics: { method: 'GET', path: '/api/metrics/' },
  getAuditKeys: { method: 'GET', path: '/api/v1/audit/keys/' },
  getCheckpoint: { method: 'GET', path: '/api/v1/audit/checkpoint/' },
  createOwnWebhook: { method: 'POST', path: '/api/v1/webhooks/' },
  listOwnWebhooks: { method: 'GET', path: '/api/v1/webhooks/' },
  deleteOwnWebhook: { method: 'DELETE', path: '/api/v1/webhooks/{id}/' },
  listOwnWebhookDeliveries: { method: 'GET', path: '/api/v1/webhooks/deliveries/' },
  createVendor: { method: 'POST', path: '/api/v1/admin/vendors/' },
  listVendors: { method: 'GET', path: '/api/v1/admin/vendors/' },
  getVendor: { method: 'GET', path: '/api/v1/admin/vendors/{id}/' },
  updateVendor: { method: 'PATCH', path: '/api/v1/admin/vendors/{id}/' },
  suspendVendor: { method: 'POST', path: '/api/v1/admin/vendors/{id}/suspend/' },
  activateVendor: { method: 'POST', path: '/api/v1/admin/vendors/{id}/activate/' },
  setCreditLimit: { method: 'POST', path: '/api/v1/admin/vendors/{id}/credit-limit/' },
  issueVendorToken: { method: 'POST', path: '/api/v1/admin/vendors/{id}/tokens/' },
  listVendorTokens: { method: 'GET', path: '/api/v1/admin/vendors/{id}/tokens/' },
  revokeVendorToken: { method: 'DELETE', path: '/api/v1/admin/vendors/{id}/tokens/{token_id}/' },
  listAllCredits: { method: 'GET', path: '/api/v1/admin/credits/' },
  decideCredits: { method: 'POST', path: '/api/v1/admin/credits/bulk/' },
  getCreditTrail: { method: 'GET', path: '/api/v1/admin/credits/{id}/trail/' },
  approveCredit: { method: 'POST', path: '/api/v1/admin/credits/{id}/approve/' },
  rejectCredit: { method: 'POST', path: '/api/v1/admin/credits/{id}/reject/' },
  searchTransactions: { method: 'GET', path: '/api/v1/admin/transactions/' },
  getAnyTransaction: { method: 'GET', path: '/api/v1/admin/transactions/{id}/' },
  reverseTransaction: { method: 'POST', path: '/api/v1/admin/transactions/{id}/reverse/' },
  listReports: { method: 'GET', path: '/api/v1/admin/reports/' },
  startAudit: { method: 'POST', path: '/api/v1/admin/reports/' },
  getLatestReport: { method: 'GET', path: '/api/v1/admin/reports/latest/' },
  getReport: { method: 'GET', path: '/api/v1/admin/reports/{id}/' },
  listDeadLetters: { method: 'GET', path: '/api/v1/admin/dead-letters/' },
  resubmitDeadLetter: { method: 'POST', path: '/api/v1/admin/dead-letters/{id}/resubmit/' },
  createWebhook: { method: 'POST', path: '/api/v1/admin/vendors/{id}/webhooks/' },
  listWebhooks: { method: 'GET', path: '/api/v1/admin/vendors/{id}/webhooks/' },
  updateWebhook: { method: 'PATCH', path: '/api/v1/admin/vendors/{id}/webhooks/{webhook_id}/' },
  deleteWebhook: { method: 'DELETE', path: '/api/v1/admin/vendors/{id}/webhooks/{webhook_id}/' },
  rotateWebhookSecret: { method: 'POST', path: '/api/v1/admin/vendors/{id}/webhooks/{webhook_id}/secret/' },
  testWebhook: { method: 'POST', path: '/api/v1/admin/vendors/{id}/webhooks/{webhook_id}/test/' },
  listWebhookDeliveries: { method: 'GET', path: '/api/v1/admin/webhooks/deliveries/' },
  listDeadWebhooks: { method: 'GET', path: '/api/v1/admin/webhooks/dead/' },
  replayWebhooks: { method: 'POST', path: '/api/v1/admin/webhooks/dead/replay/' },
  verifyVendor: { method: 'GET', path: '/api/v1/admin/balance/verify/' },
  getAdminCheckpoint: { method: 'GET', path: '/api/v1/admin/audit/checkpoint/' },
} as const satisfies Record<keyof Operations, { method: string; path: string }>;
