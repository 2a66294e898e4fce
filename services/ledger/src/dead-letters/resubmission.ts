import {
  contentType,
  HEADERS,
  isoTime,
  laneOf,
  messageIdIn,
  parseMessageId,
  type Subjects,
  type VendorId,
} from '@b2b-charge/contracts';
import { type LogMessage, parseEntry } from '../log/parse-entry.ts';
import { LetterRefusal } from './letter-refusal.ts';
import type { Letter } from './letters.ts';

/** A dead letter as it would be published once more. */
export interface Resubmission {
  readonly subject: string;
  readonly vendorId: VendorId;
  readonly messageId: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly payload: Uint8Array;
  readonly opensVendor: boolean;
}

/** A command that somebody sends by hand is executed soon or never. */
export const RESUBMITTED_LIVES_MS = 60_000;
/** The command is only checked here: its row gets the ledger's salt. */
const NO_KEY = Buffer.alloc(32);

/**
 * The same payload from the same source, on the lane that is the vendor's now, under its own message id or a new one.
 * The first deadline is over and its sender has been answered: neither goes along. Throws LetterRefusal if it could only
 * become a dead letter again.
 */
export function planResubmission(
  letter: Letter,
  {
    subjects,
    lanes,
    messageId,
    traceparent,
    nowMs,
  }: {
    subjects: Subjects;
    lanes: number;
    messageId: string | undefined;
    traceparent?: string | undefined;
    nowMs: number;
  },
): Resubmission {
  const address = subjects.parseCommand(letter.subject);
  if (!address)
    throw new LetterRefusal(
      'NOT_RESUBMITTABLE',
      `its subject, ${letter.subject}, names no vendor: nothing can be made of it`,
    );
  const given = new Map(letter.headers);
  const id = parseMessageId(messageId ?? messageIdIn((name) => given.get(name)));
  if (!id) throw new LetterRefusal('NOT_RESUBMITTABLE', 'it has no usable message id: give it a new one');
  const headers: [string, string][] = [
    [HEADERS.messageId, id],
    [HEADERS.contentType, given.get(HEADERS.contentType) ?? ''],
    [HEADERS.expiresAt, isoTime(nowMs + RESUBMITTED_LIVES_MS)],
  ];
  const sender = given.get(HEADERS.principal);
  if (sender) headers.push([HEADERS.principal, sender]);
  const trace = traceparent ?? given.get(HEADERS.traceparent);
  if (trace) headers.push([HEADERS.traceparent, trace]);
  const lane = laneOf(address.vendorId, lanes);
  const subject = subjects.command(lane, address.source, address.vendorId);
  const message = asLogMessage(subject, headers, letter.payload);
  const entry = parseEntry(message, { lane, streamEpoch: 1, lanes, subjects, phoneSaltKey: NO_KEY });
  if (entry.kind === 'unreadable')
    throw new LetterRefusal(
      'NOT_RESUBMITTABLE',
      `it would become a dead letter again: ${entry.reason}: ${entry.detail}`,
    );
  const opensVendor = message.header(HEADERS.contentType) === contentType('open-vendor.v1');
  return {
    subject,
    vendorId: address.vendorId,
    messageId: id,
    headers,
    payload: letter.payload,
    opensVendor,
  };
}

function asLogMessage(
  subject: string,
  headers: ReadonlyArray<readonly [string, string]>,
  payload: Uint8Array,
): LogMessage {
  const known = new Map(headers);
  return {
    subject,
    payload,
    streamSeq: 1,
    timeMs: 0,
    header: (name) => known.get(name) ?? '',
    isRepeated: (name) => headers.filter(([key]) => key === name).length > 1,
    headers: () => headers,
  };
}
