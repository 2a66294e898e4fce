import { type Kysely, sql } from 'kysely';
import type { BackofficeDatabase } from '../../db/schema.ts';
import type { Operator, Role } from './operator.ts';
import { hashPassword } from './passwords.ts';

type Db = Kysely<BackofficeDatabase>;

export interface OperatorView {
  readonly username: string;
  readonly role: Role;
  readonly enabled: boolean;
  readonly created_by: string;
  readonly created_at: string;
  readonly last_signed_in_at: string | null;
}

const columns = ['id', 'username', 'role', 'enabled', 'generation'] as const;

/** Creates an operator; null if the name is taken. */
export async function createOperator(
  db: Db,
  given: { username: string; role: Role; password: string; passwordCost: number; createdBy: string },
): Promise<Operator | null> {
  const { username, role, password, passwordCost, createdBy } = given;
  const row = await db
    .insertInto('backoffice.operators')
    .values({
      username,
      role,
      password_hash: await hashPassword(password, passwordCost),
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.column('username').doNothing())
    .returning(columns)
    .executeTakeFirst();
  return row ?? null;
}

export async function findOperator(
  db: Db,
  username: string,
): Promise<(Operator & { passwordHash: string }) | null> {
  const row = await db
    .selectFrom('backoffice.operators')
    .select([...columns, 'password_hash'])
    .where('username', '=', username)
    .executeTakeFirst();
  if (!row) return null;
  const { password_hash, ...operator } = row;
  return { ...operator, passwordHash: password_hash };
}

export async function operatorById(db: Db, id: number): Promise<Operator | null> {
  const row = await db
    .selectFrom('backoffice.operators')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export async function listOperators(db: Db, limit: number): Promise<OperatorView[]> {
  const rows = await db
    .selectFrom('backoffice.operators')
    .select(['username', 'role', 'enabled', 'created_by', 'created_at', 'last_signed_in_at'])
    .orderBy('username')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    created_at: row.created_at.toISOString(),
    last_signed_in_at: row.last_signed_in_at?.toISOString() ?? null,
  }));
}

/** Changes an operator and ends all of the operator's sessions. Null if there is none of that name. */
export async function changeOperator(
  db: Db,
  username: string,
  change: { password?: { text: string; cost: number }; role?: Role; enabled?: boolean },
): Promise<Operator | null> {
  const { password, ...rest } = change;
  const row = await db
    .updateTable('backoffice.operators')
    .set({
      ...rest,
      ...(password === undefined ? {} : { password_hash: await hashPassword(password.text, password.cost) }),
      generation: sql<number>`generation + 1`,
    })
    .where('username', '=', username)
    .returning(columns)
    .executeTakeFirst();
  return row ?? null;
}

export async function recordSignIn(db: Db, id: number): Promise<void> {
  await db
    .updateTable('backoffice.operators')
    .set({ last_signed_in_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}
