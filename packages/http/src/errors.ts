import type { DeadLetterReason, Rejection } from '@b2b-charge/contracts';

/** Every failure that the HTTP API can answer. The same codes name the sentences of the message catalogue. */
export const ERROR_CODES = [
  'VALIDATION_ERROR',
  'IDEMPOTENCY_KEY_REQUIRED',
  'HOST_NOT_ALLOWED',
  'BAD_REQUEST',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'READ_ONLY_TOKEN',
  'SELF_APPROVAL',
  'INSUFFICIENT_BALANCE',
  'VENDOR_INACTIVE',
  'NOT_FOUND',
  'NEVER_EXECUTED',
  'NOT_CONFIGURED',
  'METHOD_NOT_ALLOWED',
  'DUPLICATE_SUSPECTED',
  'ALREADY_REVERSED',
  'ALREADY_DECIDED',
  'ALREADY_APPROVED',
  'VENDOR_EXISTS',
  'RUN_IN_PROGRESS',
  'TOO_MANY_WEBHOOKS',
  'NOT_RESUBMITTABLE',
  'NOT_PROVEN',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'DAILY_LIMIT_EXCEEDED',
  'DAILY_CREDIT_LIMIT_EXCEEDED',
  'IDEMPOTENCY_KEY_REUSED',
  'NOT_REVERSIBLE',
  'WEBHOOK_URL_NOT_ALLOWED',
  'BALANCE_LIMIT_EXCEEDED',
  'HISTORY_INCONSISTENT',
  'RATE_LIMITED',
  'INTERNAL',
  'EXPIRED',
  'UNAVAILABLE',
  'OVERLOADED',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The one place where a code gets its HTTP status. */
export function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'VALIDATION_ERROR':
    case 'IDEMPOTENCY_KEY_REQUIRED':
    case 'HOST_NOT_ALLOWED':
    case 'BAD_REQUEST':
      return 400;
    case 'UNAUTHENTICATED':
      return 401;
    case 'INSUFFICIENT_BALANCE':
      return 402;
    case 'FORBIDDEN':
    case 'READ_ONLY_TOKEN':
    case 'SELF_APPROVAL':
    case 'VENDOR_INACTIVE':
      return 403;
    case 'NOT_FOUND':
    case 'NEVER_EXECUTED':
    case 'NOT_CONFIGURED':
      return 404;
    case 'METHOD_NOT_ALLOWED':
      return 405;
    case 'DUPLICATE_SUSPECTED':
    case 'ALREADY_REVERSED':
    case 'ALREADY_DECIDED':
    case 'ALREADY_APPROVED':
    case 'VENDOR_EXISTS':
    case 'RUN_IN_PROGRESS':
    case 'TOO_MANY_WEBHOOKS':
    case 'NOT_RESUBMITTABLE':
    case 'NOT_PROVEN':
      return 409;
    case 'PAYLOAD_TOO_LARGE':
      return 413;
    case 'UNSUPPORTED_MEDIA_TYPE':
      return 415;
    case 'DAILY_LIMIT_EXCEEDED':
    case 'DAILY_CREDIT_LIMIT_EXCEEDED':
    case 'IDEMPOTENCY_KEY_REUSED':
    case 'NOT_REVERSIBLE':
    case 'WEBHOOK_URL_NOT_ALLOWED':
    case 'BALANCE_LIMIT_EXCEEDED':
    case 'HISTORY_INCONSISTENT':
      return 422;
    case 'RATE_LIMITED':
      return 429;
    case 'INTERNAL':
      return 500;
    case 'EXPIRED':
    case 'UNAVAILABLE':
    case 'OVERLOADED':
      return 503;
  }
}

/** Rejections keep their names on HTTP; the type says so. */
export const codeOfRejection = (rejection: Rejection): ErrorCode => rejection;

export function codeOfDeadLetter(reason: DeadLetterReason): ErrorCode {
  switch (reason) {
    case 'UNKNOWN_VENDOR':
      return 'NOT_FOUND';
    case 'MALFORMED':
    case 'UNKNOWN_SCHEMA':
    case 'WRONG_LANE':
    case 'NOT_PERMITTED':
    case 'FAILED':
      return 'INTERNAL';
  }
}

/** The codes of other services' refusals (request/reply calls), as the API's own. */
export function codeOfCallError(code: string): ErrorCode {
  if (code === 'KEY_REUSED') return 'IDEMPOTENCY_KEY_REUSED';
  if (code === 'BUSY' || code === 'TIMEOUT') return 'UNAVAILABLE';
  return (ERROR_CODES as readonly string[]).includes(code) ? (code as ErrorCode) : 'INTERNAL';
}

/** A refusal met on the way to or inside a handler. Expected, so it carries no stack. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  readonly headers: Record<string, string> | undefined;
  constructor(
    code: ErrorCode,
    options: { details?: Record<string, unknown>; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = limit;
    this.code = code;
    this.details = options.details;
    this.headers = options.headers;
  }
}
