import { randomUUID } from 'node:crypto';
import { systemMessageId, type VendorId, type VendorView } from '@b2b-charge/contracts';
import type { Result } from '@b2b-charge/http/commands/command-desk';
import type { VendorSettings } from '@b2b-charge/http/views';
import type { Backoffice } from '../backoffice.ts';
import { adoptVendor, NO_SETTINGS, updateVendorSettings, vendorSettings } from './vendor-store.ts';

/** What is left out stays as it is. */
export interface VendorChange
  extends Partial<{ [K in keyof VendorSettings]: VendorSettings[K] | undefined }> {
  readonly name?: string | undefined;
  readonly status?: 'active' | 'suspended' | undefined;
  /** Decimal string; null is no limit. */
  readonly daily_limit?: string | null | undefined;
}

export type Changed =
  | { readonly kind: 'unknown' }
  /** The ledger did not change the books, and nothing else was changed. */
  | { readonly kind: 'not-posted'; readonly result: Result; readonly messageId: string }
  | { readonly kind: 'changed'; readonly vendor: VendorView; readonly settings: VendorSettings };

/** The author of a change, as the audit log and as the ledger record it, with the caller's trace. */
interface Changer {
  readonly by: string;
  readonly principal: string;
  readonly traceparent: string | undefined;
}

/** Changes a vendor: its books by a command through the log, the door's settings here. */
export async function changeVendor(
  backoffice: Backoffice,
  vendorId: VendorId,
  { rate_limit, require_idempotency_key, ...books }: VendorChange,
  { by, principal, traceparent }: Changer,
): Promise<Changed> {
  const before = await backoffice.ask('ledger.query.vendor', { vendor_id: vendorId });
  if (!before) return { kind: 'unknown' };
  if (Object.values(books).some((value) => value !== undefined)) {
    const messageId = systemMessageId('update-vendor', randomUUID());
    const command = { type: 'update-vendor', ...books } as const;
    const result = await backoffice.commands.send({
      vendorId,
      messageId,
      command,
      principal,
      traceparent,
    });
    if (result.kind !== 'decided' || result.outcome.outcome !== 'posted')
      return { kind: 'not-posted', result, messageId };
  }
  if (rate_limit !== undefined || require_idempotency_key !== undefined) {
    await adoptVendor(backoffice.db, vendorId, by);
    await updateVendorSettings(backoffice.db, vendorId, { rate_limit, require_idempotency_key });
    await backoffice.publishChange({ vendorId });
  }
  backoffice.securityLog.write(backoffice.now(), {
    event: 'VENDOR_UPDATED',
    by,
    vendor_id: vendorId,
    change: { ...books, rate_limit, require_idempotency_key },
  });
  const vendor = (await backoffice.ask('ledger.query.vendor', { vendor_id: vendorId })) ?? before;
  const settings = (await vendorSettings(backoffice.db, [vendorId])).get(vendorId) ?? NO_SETTINGS;
  return { kind: 'changed', vendor, settings };
}
