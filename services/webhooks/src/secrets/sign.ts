import { createHmac } from 'node:crypto';
import { keyOf } from './seal.ts';

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com): the signature is HMAC-SHA256 over
 * `id.timestamp.body`, one for each active secret, the newest first.
 */
export function signedHeaders(
  secrets: readonly string[],
  { id, timestampS, body }: { id: string; timestampS: number; body: string },
): Record<string, string> {
  const text = `${id}.${timestampS}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(text).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatures.join(' '),
  };
}
