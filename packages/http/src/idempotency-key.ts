import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isSystemMessageId, type MessageId, parseIdempotencyKey } from '@b2b-charge/contracts';
import { Refusal } from './errors.ts';
import { type Locale, message } from './messages/index.ts';

/** The key of a request, from its header or its body; null without one. Throws Refusal for a bad key, or for two. */
export function idempotencyKey(
  headers: IncomingHttpHeaders,
  inBody: string | null | undefined,
  locale: Locale,
): MessageId | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return (inBody ?? null) as MessageId | null;
  const key =
    typeof given === 'string' && given !== '.' && given !== '..' ? parseIdempotencyKey(given) : null;
  if (key === null) {
    const isReserved = typeof given === 'string' && isSystemMessageId(given);
    throw bad(message(locale, isReserved ? 'field_key_reserved' : 'field_key'));
  }
  if (inBody !== null && inBody !== undefined && inBody !== key)
    throw bad(message(locale, 'field_keys_differ'));
  return key;
}

/** Node joins headers of one name, and the result would pass for a key. Throws Refusal. */
export function refuseTwoKeys(incoming: IncomingMessage, locale: Locale): void {
  const given = incoming.headers['idempotency-key'];
  if (given?.includes(',') && incoming.headersDistinct['idempotency-key']!.length > 1) {
    throw bad(message(locale, 'field_keys_differ'));
  }
}

const bad = (text: string) =>
  new Refusal('VALIDATION_ERROR', { details: { fields: [{ field: 'Idempotency-Key', message: text }] } });
