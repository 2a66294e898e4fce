import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A secret as Standard Webhooks writes it: the receiver's library takes it as it is. */
export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** The bytes that sign. */
export const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

/** AES-256-GCM under the first key; bound to the endpoint, so that no row can be given another's secret. */
export function seal(secret: string, endpointId: number, keys: readonly Buffer[]): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys[0]!, nonce);
  cipher.setAAD(Buffer.from(String(endpointId)));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws if none of the keys opens it. */
export function unseal(sealed: Buffer, endpointId: number, keys: readonly Buffer[]): string {
  for (const key of keys) {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(String(endpointId)));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const opened = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      // The next key.
    }
  }
  throw new Error(`no key of WEBHOOK_SECRET_KEY opens the secret of endpoint ${endpointId}`);
}
