import type { ColumnType, Generated } from 'kysely';
import type { ActStage } from '../console/operators/acts.ts';
import type { Role } from '../console/operators/operator.ts';
import type { TokenRole } from '../tokens/token-text.ts';

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

export interface OperatorsTable {
  id: Generated<number>;
  username: string;
  password_hash: string;
  role: Role;
  enabled: Generated<boolean>;
  generation: Generated<number>;
  created_by: string;
  created_at: Generated<Date>;
  last_signed_in_at: Generated<Date | null>;
}

export interface ActsTable {
  id: Generated<string>;
  at: Generated<Date>;
  operator: string;
  act: string;
  target: string;
  address: string;
  request_id: string;
  details: ColumnType<Record<string, unknown>, string, never>;
  stage: ActStage;
  completes: string | null;
}

export interface GatewayDatabase {
  'gateway.vendors': VendorsTable;
  'gateway.tokens': TokensTable;
  'gateway.operators': OperatorsTable;
  'gateway.operator_acts': ActsTable;
}
