import type { VendorId } from '@b2b-charge/contracts';
import { type Kysely, sql } from 'kysely';
import type { GatewayDatabase, TokensTable } from '../db/schema.ts';
import type { Principal } from './principal.ts';
import { hashToken, mintToken, type TokenRole } from './token-text.ts';

type Db = Kysely<GatewayDatabase>;

export interface TokenView {
  readonly id: number;
  readonly role: TokenRole;
  readonly vendor_id: number | null;
  readonly name: string;
  readonly read_only: boolean;
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
}

export interface NewToken {
  readonly role: TokenRole;
  readonly vendorId: number | null;
  readonly name: string;
  readonly readOnly: boolean;
  readonly expiresAt: Date | null;
  readonly createdBy: string;
}

const columns = [
  'id',
  'role',
  'vendor_id',
  'name',
  'read_only',
  'created_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const;

type Row = {
  [K in (typeof columns)[number]]: TokensTable[K] extends { __select__: infer S } ? S : TokensTable[K];
};

const view = (row: Row): TokenView => ({
  ...row,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
});

/** Stores a new token. The secret is in this answer and nowhere else. */
export async function issueToken(db: Db, token: NewToken): Promise<{ secret: string; token: TokenView }> {
  const secret = mintToken(token.role);
  return { secret, token: await storeToken(db, secret, token) };
}

async function storeToken(db: Db, secret: string, token: NewToken): Promise<TokenView> {
  const row = await db
    .insertInto('gateway.tokens')
    .values({
      hash: Buffer.from(hashToken(secret), 'base64'),
      role: token.role,
      vendor_id: token.vendorId,
      name: token.name,
      read_only: token.readOnly,
      expires_at: token.expiresAt,
      created_by: token.createdBy,
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return view(row);
}

/** Makes a secret given from outside an admin token, once: gateways that start together agree on one row. */
export async function ensureBootstrapToken(db: Db, secret: string): Promise<void> {
  await db
    .insertInto('gateway.tokens')
    .values({
      hash: Buffer.from(hashToken(secret), 'base64'),
      role: 'admin',
      name: 'bootstrap',
      created_by: 'bootstrap',
      vendor_id: null,
      expires_at: null,
    })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
}

export interface TokenFilter {
  readonly vendorId?: number;
  readonly role?: TokenRole;
  readonly afterId?: number;
  readonly limit: number;
}

export async function listTokens(db: Db, filter: TokenFilter): Promise<TokenView[]> {
  let query = db.selectFrom('gateway.tokens').select(columns).orderBy('id').limit(filter.limit);
  if (filter.vendorId !== undefined) query = query.where('vendor_id', '=', filter.vendorId);
  if (filter.role !== undefined) query = query.where('role', '=', filter.role);
  if (filter.afterId !== undefined) query = query.where('id', '>', filter.afterId);
  return (await query.execute()).map(view);
}

/** Ends a token; ending it twice keeps the first time. Null if there is none (of that vendor). */
export async function revokeToken(
  db: Db,
  { id, vendorId }: { id: number; vendorId?: number },
): Promise<{ hash: string; token: TokenView } | null> {
  let query = db
    .updateTable('gateway.tokens')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id);
  if (vendorId !== undefined) query = query.where('vendor_id', '=', vendorId);
  const row = await query.returning(['hash', ...columns]).executeTakeFirst();
  if (!row) return null;
  const { hash, ...rest } = row;
  return { hash: hash.toString('base64'), token: view(rest) };
}

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
