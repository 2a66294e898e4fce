import { hash } from 'node:crypto';
import type { MessageId } from './ids.ts';

/**
 * Beginnings of the message ids that the system itself makes for a vendor. Dedup is scoped to (vendor, message id)
 * over all sources, so a vendor's own key must never be able to take one of these: see messageIdOfKey.
 */
export const SYSTEM_MESSAGE_KINDS = [
  'credit-request',
  'open-vendor',
  'update-vendor',
  'reverse',
  'rebuild',
  'admin',
  'key-sha256',
] as const;
export type SystemMessageKind = (typeof SYSTEM_MESSAGE_KINDS)[number];

/** e.g. systemMessageId('credit-request', 7) → "credit-request-7". */
export const systemMessageId = (kind: SystemMessageKind, rest: string | number): MessageId =>
  `${kind}-${rest}` as MessageId;

/** Whether an id looks like one that the system makes itself. */
export const isSystemMessageId = (id: string): boolean =>
  SYSTEM_MESSAGE_KINDS.some((kind) => id.startsWith(kind) && id.charCodeAt(kind.length) === 0x2d);

/**
 * The message id of a vendor's Idempotency-Key: the key itself, except that a key which looks like one of the system's
 * own ids stands there as its hash. No two keys share an id, and no key has an id that the system makes.
 */
export function messageIdOfKey(key: MessageId): MessageId {
  return isSystemMessageId(key) ? systemMessageId('key-sha256', hash('sha256', key, 'hex')) : key;
}
