import type { CommandRequest, DeadLetterReason, MessageId, VendorId } from '@b2b-charge/contracts';

/** Where an entry stands in the command log. */
export interface LogPosition {
  readonly lane: number;
  readonly streamEpoch: number;
  /** Sequence of the message in its stream. */
  readonly streamSeq: number;
  /** When the log stored it, ms since 1970: tells an entry from another that was given the same sequence later. */
  readonly timeMs: number;
}

interface EntryHead extends LogPosition {
  /** The system in whose name it was published; null if the subject names none. */
  readonly source: string | null;
  /** Where the sender waits for its outcome, if it does. */
  readonly replyTo: string | null;
  /** A header of the message; empty if there is none. Costs nothing, unlike all of them. */
  header(name: string): string;
}

/** A command as the log holds it, parsed. */
export interface Command extends EntryHead {
  readonly kind: 'command';
  readonly vendorId: VendorId;
  readonly source: string;
  readonly messageId: MessageId;
  readonly expiresAtMs: number | null;
  readonly request: CommandRequest;
  readonly fingerprint: string;
  /** Sender, for example "token:17". */
  readonly principal: string;
  /** Hex, 16 bytes: the salt of the phone number's commitment; null for a command without a number. */
  readonly phoneSalt: string | null;
  /** Of a tail that the database lost: when it was decided before, ms since 1970, and is decided as of now. */
  readonly asOfMs?: number;
  /** The message as it came, for the case that it becomes a dead letter after all. */
  raw(): RawMessage;
}

/** What cannot be a command. */
export interface Unreadable extends EntryHead {
  readonly kind: 'unreadable';
  readonly messageId: string | null;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  raw(): RawMessage;
}

export interface RawMessage {
  readonly subject: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly payload: Uint8Array;
}

export type LogEntry = Command | Unreadable;
