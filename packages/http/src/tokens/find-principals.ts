import type { VendorId } from '@b2b-charge/contracts';
import { type Kysely, sql } from 'kysely';
import type { Principal } from './principal.ts';
import type { TokenTables } from './tables.ts';

type Db = Kysely<TokenTables>;

/** The living tokens among these hashes (base64), with what the door needs to know of their vendors. */
export async function findPrincipals(db: Db, hashes: readonly string[]): Promise<Map<string, Principal>> {
  const wanted = hashes.map((hash) => Buffer.from(hash, 'base64'));
  const rows = await db
    .selectFrom('gateway.tokens as t')
    .leftJoin('gateway.vendors as v', 'v.id', 't.vendor_id')
    .select(['t.id', 't.hash', 't.role', 't.vendor_id', 't.name', 't.read_only', 't.expires_at'])
    .select(['v.rate_limit', 'v.require_idempotency_key'])
    .where('t.hash', '=', sql<Buffer>`any(${wanted}::bytea[])`)
    .where('t.revoked_at', 'is', null)
    .where((where) =>
      where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>', sql<Date>`now()`)]),
    )
    .execute();
  return new Map(
    rows.map((row) => {
      const base = {
        tokenId: row.id,
        hash: row.hash.toString('base64'),
        readOnly: row.read_only,
        expiresAtMs: row.expires_at?.getTime() ?? null,
      };
      const principal: Principal =
        row.role === 'admin'
          ? { ...base, role: 'admin', name: row.name }
          : {
              ...base,
              role: 'vendor',
              vendorId: row.vendor_id as VendorId,
              rateLimit: row.rate_limit,
              requireIdempotencyKey: row.require_idempotency_key,
            };
      return [base.hash, principal];
    }),
  );
}

/** Records last uses, in one statement for many tokens. */
export async function recordUses(db: Db, uses: ReadonlyMap<number, number>): Promise<void> {
  const ids = [...uses.keys()];
  const times = [...uses.values()].map((atMs) => new Date(atMs));
  await sql`
    UPDATE gateway.tokens t SET last_used_at = greatest(t.last_used_at, u.at)
    FROM unnest(${ids}::int[], ${times}::timestamptz[]) AS u (id, at)
    WHERE t.id = u.id`.execute(db);
}
