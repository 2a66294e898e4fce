import { formatMoney, parseMoney } from '@b2b-charge/contracts';
import type { PhoneParser } from '@b2b-charge/http/phones/phone-parser';
import { findPrincipals } from '@b2b-charge/http/tokens/find-principals';
import type { VendorPrincipal } from '@b2b-charge/http/tokens/principal';
import type { TokenTables } from '@b2b-charge/http/tokens/tables';
import { TokenCache } from '@b2b-charge/http/tokens/token-cache';
import { hashToken, tokenOf } from '@b2b-charge/http/tokens/token-text';
import type { Kysely } from 'kysely';
import { z } from 'zod';

/** Who calls, by the hash of the token, remembered for a minute; and what a sale looks like. */
export function createDoor(db: Kysely<TokenTables>, parsePhone: PhoneParser) {
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
