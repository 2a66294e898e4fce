import { createKysely, createPool } from '@b2b-charge/runtime';
import {
  changeOperator,
  createOperator as create,
  findOperator,
} from '../services/backoffice/src/console/operators/operator-store.ts';
import { PASSWORD_COST, verifyPassword } from '../services/backoffice/src/console/operators/passwords.ts';
import type { BackofficeDatabase } from '../services/backoffice/src/db/schema.ts';

/** The local stack's first operator, an admin; one that is there already gets the password that the stack prints. */
export async function createOperator(given: {
  databaseUrl: string;
  username: string;
  password: string;
}): Promise<void> {
  const { databaseUrl, username, password } = given;
  const pool = createPool({
    url: databaseUrl,
    applicationName: 'local-stack',
    max: 1,
    statementTimeoutMs: 10_000,
  });
  const db = createKysely<BackofficeDatabase>(pool);
  try {
    const operator = { username, password, passwordCost: PASSWORD_COST, role: 'admin' } as const;
    if (await create(db, { ...operator, createdBy: 'local-stack' })) return;
    const known = await findOperator(db, username);
    if (known && !(await verifyPassword(password, known.passwordHash, PASSWORD_COST)))
      await changeOperator(db, username, { password: { text: password, cost: PASSWORD_COST } });
  } finally {
    await db.destroy();
  }
}
