import { createPublicKey, hash, verify } from 'node:crypto';
import type { Receipt } from '@b2b-charge/contracts';
import { parseReceiptStatement, type ReceiptContent } from './receipt-statement.ts';

export type Verification =
  | {
      readonly valid: true;
      readonly content: ReceiptContent;
      readonly currency: string;
      /** Null without a number, or after its erasure. */
      readonly phoneNumber: string | null;
      readonly issuedAt: string;
    }
  | { readonly valid: false; readonly reason: string };

/**
 * Verifies a receipt offline: by a public key got earlier and from elsewhere than the receipt itself. What stands in
 * its own `public_key` field proves nothing.
 */
export function verifyReceipt(receipt: Receipt, trustedPublicKey: string): Verification {
  const key = createPublicKey(trustedPublicKey);
  const signed = (text: string, signature: string) =>
    verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  if (!signed(receipt.statement, receipt.signature)) {
    return { valid: false, reason: 'the signature is not by this key, or the statement was changed' };
  }
  const facts = parseReceiptStatement(receipt.statement);
  if (!facts) return { valid: false, reason: 'the hash is not that of the content' };
  const { checkpoint, phone, details } = receipt;
  const { content } = facts;
  // An erased number leaves the commitment, which proves nothing about a number and needs none.
  if (phone !== null && phoneCommitment(phone) !== content.phone_commitment) {
    return { valid: false, reason: 'the phone number is not the one that the statement commits to' };
  }
  if (details !== null && hash('sha256', details, 'hex') !== content.details_digest) {
    return { valid: false, reason: 'the details are not those of the digest' };
  }
  if (facts.checkpointHash !== null) {
    if (!checkpoint || hash('sha256', checkpoint.statement, 'hex') !== facts.checkpointHash) {
      return { valid: false, reason: 'the checkpoint is not the one that the statement names' };
    }
    // An older checkpoint may be by an older key; the statement that names its hash vouches for it all the same.
    if (checkpoint.key_id === receipt.key_id && !signed(checkpoint.statement, checkpoint.signature)) {
      return { valid: false, reason: "the checkpoint's signature is not by this key" };
    }
  }
  const { currency, issuedAt } = facts;
  return { valid: true, content, currency, phoneNumber: phone?.number ?? null, issuedAt };
}

/** SHA-256, in hex, over the bytes of the salt and the number. */
const phoneCommitment = ({ number, salt }: { number: string; salt: string }): string =>
  hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(number)]), 'hex');
