import { type MessageId, parseMessageId } from './ids.ts';

/**
 * A message id that the system makes begins with "~"; no other may. A vendor's or an internal system's idempotency key is
 * its command's message id as it is, so no later release can change where a key leads.
 */
const SYSTEM_MARK = '~';

/** The kinds of commands for which the system makes the message id itself. */
export type SystemMessageKind = 'credit' | 'open-vendor' | 'update-vendor' | 'reverse' | 'rebuild' | 'admin';

/** Returns e.g. "~credit/7" for ('credit', 7). */
export const systemMessageId = (kind: SystemMessageKind, rest: string | number): MessageId =>
  `${SYSTEM_MARK}${kind}/${rest}` as MessageId;

export const isSystemMessageId = (id: string): boolean => id.startsWith(SYSTEM_MARK);

/** An idempotency key as the message id that it is: 1–255 printable ASCII characters, not beginning with "~"; else null. */
export const parseIdempotencyKey = (text: string): MessageId | null =>
  isSystemMessageId(text) ? null : parseMessageId(text);

/** The idempotency key behind a message id; null if the system made the id. */
export const idempotencyKeyOf = (messageId: string): string | null =>
  isSystemMessageId(messageId) ? null : messageId;
