import { hash, randomBytes } from 'node:crypto';

const SALT_BYTES = 16;

/** 16 random bytes in hex: the salt of one command's phone number. */
export const newPhoneSalt = (): string => randomBytes(SALT_BYTES).toString('hex');

/**
 * The commitment to a phone number that a transaction's hash covers: SHA-256, in hex, over the 16 bytes of the salt and
 * the number in ASCII. Number and salt can be erased; the commitment stays and says nothing without the salt.
 */
export function phoneCommitment(salt: string, phoneNumber: string): string {
  const bytes = Buffer.allocUnsafe(SALT_BYTES + phoneNumber.length);
  bytes.write(salt, 'hex');
  bytes.write(phoneNumber, SALT_BYTES, 'latin1');
  return hash('sha256', bytes, 'hex');
}
