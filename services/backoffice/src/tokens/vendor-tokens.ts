import type { VendorId } from '@b2b-charge/contracts';
import type { Backoffice } from '../backoffice.ts';
import { adoptVendor } from '../vendors/vendor-store.ts';
import { issueToken, revokeToken, type TokenView } from './token-store.ts';

interface NewVendorToken {
  readonly vendorId: VendorId;
  readonly name: string;
  readonly readOnly: boolean;
  /** Null: until it is revoked. */
  readonly expiresInS: number | null;
}

/** Issues a token for a vendor; null if there is no such vendor. The secret is in this answer and nowhere else. */
export async function issueVendorToken(
  backoffice: Backoffice,
  { vendorId, name, readOnly, expiresInS }: NewVendorToken,
  by: string,
): Promise<{ secret: string; token: TokenView } | null> {
  const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: vendorId });
  if (!vendor) return null;
  await adoptVendor(backoffice.db, vendorId, by);
  const expiresAt = expiresInS === null ? null : new Date(backoffice.now() + expiresInS * 1_000);
  const issued = await issueToken(backoffice.db, {
    role: 'vendor',
    vendorId,
    name,
    readOnly,
    expiresAt,
    createdBy: by,
  });
  backoffice.securityLog.write(backoffice.now(), {
    event: 'TOKEN_ISSUED',
    by,
    vendor_id: vendorId,
    token_id: issued.token.id,
    read_only: readOnly,
    expires_at: issued.token.expires_at,
  });
  return issued;
}

/** Ends a vendor's token, on every gateway within a second; null if the vendor has none of that id. */
export async function revokeVendorToken(
  backoffice: Backoffice,
  { vendorId, tokenId }: { vendorId: number; tokenId: number },
  by: string,
): Promise<TokenView | null> {
  const revoked = await revokeToken(backoffice.db, { id: tokenId, vendorId });
  if (!revoked) return null;
  await backoffice.publishChange({ hash: revoked.hash });
  backoffice.securityLog.write(backoffice.now(), {
    event: 'TOKEN_REVOKED',
    by,
    vendor_id: vendorId,
    token_id: tokenId,
  });
  return revoked.token;
}
