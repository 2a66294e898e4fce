import type { DeadLetterReason } from '@b2b-charge/contracts';

/** The command is certainly not in the log: nothing will happen; safe to send again. */
export class NotAcceptedError extends Error {
  override name = 'NotAcceptedError';
  readonly code: 'LOG_FULL' | 'LOG_UNAVAILABLE' | 'TOO_MANY_IN_FLIGHT' | 'CLIENT_CLOSED';
  constructor(code: NotAcceptedError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * No outcome within the wait. It is executed before `expiresAtMs` or never; the outcome can be asked for by the same
 * message id, and sending it again under that id is safe.
 */
export class PendingError extends Error {
  override name = 'PendingError';
  readonly messageId: string;
  readonly expiresAtMs: number;
  /** Whether the log is known to hold the command. */
  readonly accepted: boolean;
  constructor(pending: { messageId: string; expiresAtMs: number; accepted: boolean }) {
    super('no outcome yet');
    this.messageId = pending.messageId;
    this.expiresAtMs = pending.expiresAtMs;
    this.accepted = pending.accepted;
  }
}

/** The deadline passed before the ledger came to the command: nothing was done, and the message id is free. */
export class ExpiredError extends Error {
  override name = 'ExpiredError';
  readonly messageId: string;
  constructor(messageId: string) {
    super('not executed before its deadline');
    this.messageId = messageId;
  }
}

/** The command could not be executed and lies among the dead letters, for people to look at. */
export class DeadLetterError extends Error {
  override name = 'DeadLetterError';
  readonly reason: DeadLetterReason;
  constructor(reason: DeadLetterReason, detail: string) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
  }
}

/** What was to be sent is no valid command; nothing was published. */
export class InvalidCommandError extends Error {
  override name = 'InvalidCommandError';
}
