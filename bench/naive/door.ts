import { formatMoney, parseMoney } from '@b2b-charge/contracts';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { GatewayDatabase } from '../../services/gateway/src/db/schema.ts';
import type { PhoneParser } from '../../services/gateway/src/phones/phone-parser.ts';
import type { VendorPrincipal } from '../../services/gateway/src/tokens/principal.ts';
import { TokenCache } from '../../services/gateway/src/tokens/token-cache.ts';
import { findPrincipals } from '../../services/gateway/src/tokens/token-store.ts';
import { hashToken, tokenOf } from '../../services/gateway/src/tokens/token-text.ts';

/** Who calls, by the hash of the token, remembered for a minute; and what a sale looks like. */
export function createDoor(db: Kysely<GatewayDatabase>, parsePhone: PhoneParser) {
  const tokens = new TokenCache({ find: (hashes) => findPrincipals(db, hashes), max: 50_000, ttlMs: 60_000 });
  const sale = z.strictObject({
    phone_number: z.string().transform((text, context) => {
      const phone = parsePhone(text);
      if (phone !== null) return phone;
      context.addIssue('a phone number');
      return z.NEVER;
    }),
    amount: z.union([z.number(), z.string()]).transform((value, context) => {
      const minor = parseMoney(String(value));
      if (minor !== null && minor > 0n) return formatMoney(minor);
      context.addIssue('a positive amount of at most two decimals');
      return z.NEVER;
    }),
  });

  async function vendorOf(authorization: string | undefined): Promise<VendorPrincipal | null> {
    const token = authorization === undefined ? null : tokenOf(authorization);
    if (token === null) return null;
    const hash = hashToken(token);
    const principal = tokens.peek(hash, Date.now()) ?? (await tokens.lookUp(hash, Date.now()));
    return principal?.role === 'vendor' && !principal.readOnly ? principal : null;
  }
  return { vendorOf, sale };
}
