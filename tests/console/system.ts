import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { createKysely } from '@b2b-charge/runtime';
import { type Chromium, findChromium, serverSources, startGuardian } from '@b2b-charge/stack';
import pg from 'pg';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Role } from '../../services/gateway/src/console/operators/operator.ts';
import { createOperator } from '../../services/gateway/src/console/operators/operator-store.ts';
import type { GatewayDatabase } from '../../services/gateway/src/db/schema.ts';
import { type System, startSystem } from '../harness.ts';

export const PASSWORD = 'a long enough password';
/** log2 of scrypt's N: a hash takes 1/32 of the default's work. */
const PASSWORD_COST = 10;

/** A whole system with operators of every role. */
export interface ConsoleSystem extends AsyncDisposable {
  readonly base: System;
  readonly url: string;
  operator(username: string, role: Role): Promise<void>;
}

export async function startConsole(
  options: {
    gateway?: Record<string, string>;
    credits?: Record<string, string>;
    webhooks?: Record<string, string>;
    services?: readonly ServiceName[];
  } = {},
): Promise<ConsoleSystem> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'console-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const base = stack.use(
    await startSystem({
      environment: {
        gateway: {
          LOG_DIR: folder,
          CONSOLE_PASSWORD_COST: String(PASSWORD_COST),
          CONSOLE_ALLOW_WEAK_PASSWORD_COST: 'true',
          ...options.gateway,
        },
        credits: options.credits ?? {},
        reconciler: { SIGNING_KEY_FILE: path.join(folder, 'key.pem') },
        webhooks: options.webhooks ?? {},
      },
      services: options.services ?? ['ledger', 'credits', 'reconciler', 'webhooks', 'gateway'],
    }),
  );
  const pool = new pg.Pool({ connectionString: base.playground.database.urls.gateway, max: 1 });
  const db = stack.adopt(createKysely<GatewayDatabase>(pool), (kysely) => kysely.destroy());
  const operator = async (username: string, role: Role) => {
    const secret = { password: PASSWORD, passwordCost: PASSWORD_COST };
    await createOperator(db, { username, role, ...secret, createdBy: 'test' });
  };
  for (const role of ['admin', 'approver', 'auditor'] as const) await operator(role, role);
  const running = stack.move();
  return { base, url: base.gatewayUrl, operator, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Longest wait for a page, an element, an answer. */
const PATIENCE_MS = 10_000;

export interface TestBrowser extends AsyncDisposable {
  /** A browser profile of its own: nobody is signed in. */
  page(options?: BrowserContextOptions): Promise<Page>;
}

/** Chromium: one on the machine, or Debian's, fetched. */
export async function startBrowser(url: string): Promise<TestBrowser> {
  await using stack = new AsyncDisposableStack();
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const sources = serverSources(process.env);
  const progress = (line: string) => console.log(line);
  const found = await findChromium({ sources, guardian, progress }, process.env);
  const browser = stack.adopt(await launch(found), (started) => started.close());
  const running = stack.move();
  return {
    async page(options = {}) {
      const context = await browser.newContext({ baseURL: url, locale: 'en-GB', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      return context.newPage();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Without its sandbox, which needs rights that root and many containers do not give; it sees our own pages only. */
export const launch = ({ program, environment }: Chromium): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    env: { ...environment },
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-dev-shm-usage'],
  });

/** Signs in through the form. */
export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto('/admin/sign-in/');
  await page.getByLabel('Name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
