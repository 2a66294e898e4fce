import type { CommandRequest, MessageId, Subjects, VendorId } from '@b2b-charge/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

/** Told of every command; seconds. */
export interface CommandMetrics {
  readonly publish: { observe(seconds: number): void };
  readonly outcome: { observe(seconds: number): void };
  lookedUp(): void;
  watch(inFlight: () => number): void;
}

export interface LedgerClientOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  /** The publishing system: the token in the subject that its NATS permissions allow. */
  readonly source: string;
  /** Unlike every other client of the same source: a process id, a random token. */
  readonly clientId: string;
  readonly lanes: number;
  /** Commands awaiting their outcome at once; more are refused. */
  readonly maxInFlight?: number;
  /** Milliseconds without a reply after which the ledger is asked for the outcome by key, again and again. */
  readonly lookupEveryMs?: number;
  /** Milliseconds without a PubAck after which a command is published again, under the same id and deadline. */
  readonly resendAfterMs?: number;
  readonly metrics?: CommandMetrics | undefined;
}

export interface SendOptions {
  readonly vendorId: VendorId;
  readonly messageId: MessageId;
  readonly command: CommandRequest;
  /** Principal of the command, as in contracts/principals.ts; believed from the services alone. */
  readonly principal?: string | undefined;
  /** How long to wait for the outcome. */
  readonly waitMs: number;
  /** How long the ledger may execute it, from now; at least waitMs. */
  readonly deadlineMs: number;
  readonly traceparent?: string | undefined;
}
