import type { TokenTables } from '@b2b-charge/http/tokens/tables';
import type { ColumnType, Generated } from 'kysely';
import type { ActStage } from '../console/operators/acts.ts';
import type { Role } from '../console/operators/operator.ts';

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

export interface BackofficeDatabase extends TokenTables {
  'backoffice.operators': OperatorsTable;
  'backoffice.operator_acts': ActsTable;
}
