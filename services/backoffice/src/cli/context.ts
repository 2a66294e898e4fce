import { randomBytes } from 'node:crypto';
import { LedgerClient } from '@b2b-charge/client';
import { createSubjects, type Subjects } from '@b2b-charge/contracts';
import {
  connectNats,
  createKysely,
  createPool,
  natsFrom,
  natsSettings,
  parseSettings,
} from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { baseSettings } from '../config.ts';
import type { BackofficeDatabase } from '../db/schema.ts';

/** What the commands work with: the back office's own database, NATS user and settings. */
export interface CliContext extends AsyncDisposable {
  readonly db: Kysely<BackofficeDatabase>;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly ledger: LedgerClient;
}

const { DATABASE_URL, NAMESPACE, LANES } = baseSettings.shape;
const settings = z.object({ DATABASE_URL, NAMESPACE, LANES, ...natsSettings });

const NATS_WITHIN_MS = 10_000;

/** Throws ConfigError naming every bad variable, and NatsAwayError. */
export async function createCliContext(env: Record<string, string | undefined>): Promise<CliContext> {
  const config = parseSettings(settings, env);
  await using stack = new AsyncDisposableStack();
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'backoffice-cli',
    max: 1,
    statementTimeoutMs: 10_000,
  });
  const db = stack.adopt(createKysely<BackofficeDatabase>(pool), (kysely) => kysely.destroy());
  const subjects = createSubjects(config.NAMESPACE);
  const nc = stack.adopt(
    await connectNats({ user: 'backoffice', ...natsFrom(config), withinMs: NATS_WITHIN_MS }),
    (connection) => connection.close(),
  );
  const clientId = `cli-${randomBytes(6).toString('hex')}`;
  const ledger = stack.use(
    new LedgerClient({ nc, subjects, source: 'backoffice', clientId, lanes: config.LANES }),
  );
  const running = stack.move();
  return { db, nc, subjects, ledger, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
