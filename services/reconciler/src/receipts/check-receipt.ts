import { formatMoney, receiptSchema } from '@b2b-charge/contracts';
import { verifyReceipt } from './verify-receipt.ts';

/**
 * Verifies a receipt, alone or as the HTTP API answers it, with a public key in PEM. Throws if the text is not a receipt.
 */
export function checkReceipt(text: string, publicKey: string): { valid: boolean; text: string } {
  const json = JSON.parse(text) as { data?: unknown };
  const verification = verifyReceipt(receiptSchema.parse(json.data ?? json), publicKey);
  if (!verification.valid) return { valid: false, text: `NOT VALID: ${verification.reason}` };
  const { content, currency, issuedAt, phoneNumber } = verification;
  const phone = content.phone_commitment === '' ? '' : ` to ${phoneNumber ?? 'an erased number'}`;
  const what = `${content.status} ${content.type} of ${formatMoney(BigInt(content.amount))} ${currency}${phone}`;
  const where = `vendor ${content.vendor_id}, transaction ${content.transaction_id} (number ${content.seq})`;
  return {
    valid: true,
    text: `VALID: ${what}, ${where}, ${content.created_at}\nReceipt issued at ${issuedAt}`,
  };
}
