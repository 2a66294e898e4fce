import type { Generated } from 'kysely';
import type { TokenRole } from './token-text.ts';

export interface VendorsTable {
  id: number;
  creation_key: string | null;
  rate_limit: number | null;
  require_idempotency_key: boolean | null;
  created_by: string;
  created_at: Generated<Date>;
}

export interface TokensTable {
  id: Generated<number>;
  hash: Buffer;
  role: TokenRole;
  vendor_id: number | null;
  name: string;
  read_only: Generated<boolean>;
  created_by: string;
  created_at: Generated<Date>;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** The tables that authentication reads. */
export interface TokenTables {
  'gateway.vendors': VendorsTable;
  'gateway.tokens': TokensTable;
}
