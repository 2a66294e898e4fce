import type { VendorId } from '@b2b-charge/contracts';
import type { Gateway } from '../gateway.ts';
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
  gateway: Gateway,
  { vendorId, name, readOnly, expiresInS }: NewVendorToken,
  by: string,
): Promise<{ secret: string; token: TokenView } | null> {
  const vendor = await gateway.ask('ledger.query.vendor', { vendor_id: vendorId });
  if (!vendor) return null;
  await adoptVendor(gateway.db, vendorId, by);
  const expiresAt = expiresInS === null ? null : new Date(gateway.now() + expiresInS * 1_000);
  const issued = await issueToken(gateway.db, {
    role: 'vendor',
    vendorId,
    name,
    readOnly,
    expiresAt,
    createdBy: by,
  });
  gateway.securityLog.write(gateway.now(), {
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
  gateway: Gateway,
  { vendorId, tokenId }: { vendorId: number; tokenId: number },
  by: string,
): Promise<TokenView | null> {
  const revoked = await revokeToken(gateway.db, { id: tokenId, vendorId });
  if (!revoked) return null;
  await gateway.announce({ hash: revoked.hash });
  gateway.securityLog.write(gateway.now(), {
    event: 'TOKEN_REVOKED',
    by,
    vendor_id: vendorId,
    token_id: tokenId,
  });
  return revoked.token;
}
