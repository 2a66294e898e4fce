import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Length of an HMAC-SHA-256 in base64url. */
const MAC_LENGTH = 43;

/**
 * Seals what the gateway writes to Redis and later believes: `<MAC> <content>`. The MAC (HMAC-SHA-256) covers the key in
 * Redis, which names the namespace, the vendor and the message id. Redis does not hold the secret, so write access to
 * Redis is not enough to make a value that opens, or to move one to another vendor or message id.
 */
export class Seal {
  readonly #secret: KeyObject;

  constructor(secret: Buffer) {
    this.#secret = createSecretKey(secret);
  }

  close(key: string, content: string): string {
    return `${this.#mac(key, content)} ${content}`;
  }

  /** The content; null if this seal did not close it under this key. */
  open(key: string, sealed: string): string | null {
    if (sealed[MAC_LENGTH] !== ' ') return null;
    const content = sealed.slice(MAC_LENGTH + 1);
    const given = Buffer.from(sealed.slice(0, MAC_LENGTH));
    const expected = Buffer.from(this.#mac(key, content));
    // Lengths differ if the given MAC holds characters beyond ASCII.
    return given.length === expected.length && timingSafeEqual(given, expected) ? content : null;
  }

  /** No key of ours holds a NUL, so the two parts cannot be cut elsewhere. */
  #mac(key: string, content: string): string {
    return createHmac('sha256', this.#secret).update(`${key}\0${content}`).digest('base64url');
  }
}
