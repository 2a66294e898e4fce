import { principal, type VendorId } from '@b2b-charge/contracts';

/** Who calls, as far as a token tells. */
export type Principal = VendorPrincipal | AdminPrincipal;

interface Base {
  readonly tokenId: number;
  /** SHA-256 of the token, base64. */
  readonly hash: string;
  readonly readOnly: boolean;
  readonly expiresAtMs: number | null;
}

export interface VendorPrincipal extends Base {
  readonly role: 'vendor';
  readonly vendorId: VendorId;
  /** Requests per window; null takes the default. */
  readonly rateLimit: number | null;
  readonly requireIdempotencyKey: boolean | null;
}

export interface AdminPrincipal extends Base {
  readonly role: 'admin';
  /** Tokens of one name are one person: whoever asked cannot approve, whichever token they hold. */
  readonly name: string;
}

/** The name under which an action is recorded: an admin by name, a vendor by its token, so that a stolen one shows. */
export const actorOf = (principal: Principal): string =>
  principal.role === 'admin' ? `admin:${principal.name}` : principalOf(principal);

/** Returns the sender of a request's command, as the ledger records it. */
export const principalOf = ({ tokenId }: Principal): string => principal('token', tokenId);
