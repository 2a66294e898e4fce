import { NotAcceptedError, PendingError } from '@b2b-charge/client';
import {
  type CommandRequest,
  type DeadLetterReason,
  laneOf,
  type MessageId,
  type Outcome,
  type VendorId,
} from '@b2b-charge/contracts';
import type { LaneGuard } from './lane-guard.ts';

export type Decided = Extract<Outcome, { outcome: 'posted' | 'rejected' }>;

export interface Command {
  readonly vendorId: VendorId;
  readonly messageId: MessageId;
  readonly command: CommandRequest;
  /** Sender of the command, for example "token:17". */
  readonly principal: string;
  readonly traceparent: string | undefined;
}

/** What became of a command, as far as the wait tells. */
export type Result =
  | { readonly kind: 'decided'; readonly outcome: Decided; readonly replayed: boolean }
  | { readonly kind: 'pending'; readonly messageId: MessageId; readonly expiresAtMs: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail: string }
  /** Nothing was published, or the log refused it. */
  | { readonly kind: 'refused'; readonly code: 'UNAVAILABLE' | 'OVERLOADED' };

interface DeskOptions {
  send(command: Command & { waitMs: number; deadlineMs: number }): Promise<Outcome>;
  connected(): boolean;
  readonly guard: LaneGuard;
  readonly lanes: number;
  readonly waitMs: number;
  readonly deadlineMs: number;
  now(): number;
}

/** The one way of a command to the log and of its outcome back. */
export class CommandDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Sends a command and waits for its outcome, unless the way to it is closed. */
  async send(command: Command): Promise<Result> {
    const { guard, lanes, waitMs, deadlineMs } = this.#options;
    const now = this.#options.now();
    const lane = laneOf(command.vendorId, lanes);
    if (!this.#options.connected()) return { kind: 'refused', code: 'UNAVAILABLE' };
    if (!guard.admits(lane, now)) return { kind: 'refused', code: 'OVERLOADED' };
    const ticket = guard.sent(lane, now);
    try {
      return resultOf(await this.#options.send({ ...command, waitMs, deadlineMs }));
    } catch (error) {
      return resultOfError(error);
    } finally {
      guard.answered(lane, ticket);
    }
  }
}

export function resultOf(outcome: Outcome): Result {
  switch (outcome.outcome) {
    case 'posted':
    case 'rejected':
      return { kind: 'decided', outcome, replayed: outcome.replayed };
    case 'expired':
      return { kind: 'expired' };
    case 'dead-letter':
      return { kind: 'dead-letter', reason: outcome.reason, detail: outcome.detail };
  }
}

function resultOfError(error: unknown): Result {
  if (error instanceof PendingError) {
    return { kind: 'pending', messageId: error.messageId as MessageId, expiresAtMs: error.expiresAtMs };
  }
  if (!(error instanceof NotAcceptedError)) throw error;
  switch (error.code) {
    case 'LOG_FULL':
    case 'TOO_MANY_IN_FLIGHT':
      return { kind: 'refused', code: 'OVERLOADED' };
    case 'LOG_UNAVAILABLE':
    case 'CLIENT_CLOSED':
      return { kind: 'refused', code: 'UNAVAILABLE' };
  }
}
