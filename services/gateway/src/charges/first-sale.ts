import type { VendorId } from '@b2b-charge/contracts';
import type { Ask } from '@b2b-charge/http/ask';
import type { FirstSale } from './sell.ts';
import type { Claim } from './spend-window.ts';

/** What the ledger knows of the sale that holds a double-spend window. */
export async function askFirstSale(ask: Ask, vendorId: VendorId, claim: Claim): Promise<FirstSale> {
  const { outcome, never_executed } = await ask('ledger.query.outcome', {
    vendor_id: vendorId,
    message_id: claim.messageId,
    expires_at: new Date(claim.expiresAtMs).toISOString(),
  });
  if (outcome?.outcome === 'posted' || outcome?.outcome === 'rejected') return { kind: 'decided', outcome };
  return { kind: never_executed || outcome?.outcome === 'expired' ? 'void' : 'open' };
}
