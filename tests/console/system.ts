import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { createKysely } from '@b2b-charge/runtime';
import pg from 'pg';
import type { Role } from '../../services/backoffice/src/console/operators/operator.ts';
import { createOperator } from '../../services/backoffice/src/console/operators/operator-store.ts';
import type { BackofficeDatabase } from '../../services/backoffice/src/db/schema.ts';
import { type System, startSystem, type TestVendor } from '../harness.ts';
import { PASSWORD } from './client.ts';
import { ConsoleUser } from './user.ts';

/** log2 of scrypt's N: a hash takes 1/32 of the default's work. */
const PASSWORD_COST = 10;

/** A whole system with operators of every role. */
export interface ConsoleSystem extends AsyncDisposable {
  readonly base: System;
  readonly url: string;
  operator(username: string, role: Role): Promise<void>;
}

interface ConsoleOptions {
  readonly backoffice?: Record<string, string>;
  readonly credits?: Record<string, string>;
  readonly webhooks?: Record<string, string>;
  readonly services?: readonly ServiceName[];
}

export async function startConsole(options: ConsoleOptions = {}): Promise<ConsoleSystem> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'console-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const base = stack.use(
    await startSystem({
      environment: {
        backoffice: {
          LOG_DIR: folder,
          CONSOLE_PASSWORD_COST: String(PASSWORD_COST),
          CONSOLE_ALLOW_WEAK_PASSWORD_COST: 'true',
          ...options.backoffice,
        },
        credits: options.credits ?? {},
        reconciler: { SIGNING_KEY_FILE: path.join(folder, 'key.pem') },
        webhooks: options.webhooks ?? {},
      },
      services: options.services ?? ['ledger', 'credits', 'reconciler', 'webhooks', 'gateway'],
    }),
  );
  const pool = new pg.Pool({ connectionString: base.playground.database.urls.backoffice, max: 1 });
  const db = stack.adopt(createKysely<BackofficeDatabase>(pool), (kysely) => kysely.destroy());
  const operator = async (username: string, role: Role) => {
    const secret = { password: PASSWORD, passwordCost: PASSWORD_COST };
    await createOperator(db, { username, role, ...secret, createdBy: 'test' });
  };
  for (const role of ['admin', 'approver', 'auditor'] as const) await operator(role, role);
  const running = stack.move();
  return { base, url: base.backofficeUrl, operator, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A console with one vendor, which has 500,000 Toman. */
export interface ConsoleWithVendor extends ConsoleSystem {
  readonly vendor: TestVendor;
  /** An operator of this role, signed in. */
  readonly admin: ConsoleUser;
}

export async function startConsoleWithVendor(options: ConsoleOptions): Promise<ConsoleWithVendor> {
  await using stack = new AsyncDisposableStack();
  const system = stack.use(await startConsole(options));
  const vendor = await system.base.createVendor({ name: 'Northwind', balance: '500000' });
  const admin = await ConsoleUser.signedIn(system.url, 'admin');
  const running = stack.move();
  return { ...system, vendor, admin, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
