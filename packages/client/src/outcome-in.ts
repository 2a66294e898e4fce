import type { MessageId, Outcome, VendorId } from '@b2b-charge/contracts';
import type { Msg } from '@nats-io/transport-node';

/**
 * The outcome, if it is this command's. Whoever may ask the ledger or JetStream for anything may have the answer sent to
 * any subject, ours included: what does not name the vendor and the key counts for nothing.
 */
export function outcomeIn(
  message: Msg,
  { vendorId, messageId }: { readonly vendorId: VendorId; readonly messageId: MessageId },
): Outcome | undefined {
  let said: Partial<Outcome & { vendor_id: unknown; message_id: unknown }> | null;
  try {
    said = message.json();
  } catch {
    return undefined;
  }
  const isOurs = (named: { vendor_id?: unknown; message_id?: unknown }) =>
    named.vendor_id === vendorId && named.message_id === messageId;
  switch (said?.outcome) {
    case 'posted':
      return said.transaction && isOurs(said.transaction) ? (said as Outcome) : undefined;
    case 'rejected':
      return !said.transaction || isOurs(said.transaction) ? (said as Outcome) : undefined;
    case 'expired':
      return isOurs(said) ? (said as Outcome) : undefined;
    case 'dead-letter':
      return said.message_id === null || said.message_id === messageId ? (said as Outcome) : undefined;
    default:
      return undefined;
  }
}
