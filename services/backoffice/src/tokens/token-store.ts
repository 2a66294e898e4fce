import type { TokensTable } from '@b2b-charge/http/tokens/tables';
import { hashToken, mintToken, type TokenRole } from '@b2b-charge/http/tokens/token-text';
import { type Kysely, sql } from 'kysely';
import type { BackofficeDatabase } from '../db/schema.ts';

type Db = Kysely<BackofficeDatabase>;

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

/** Makes a secret given from outside an admin token, once: processes that start together agree on one row. */
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
