import { createSubjects } from '@b2b-charge/contracts';
import {
  ConfigError,
  connectNats,
  DEFAULT_STREAM_LIMITS,
  ensureStreams,
  natsFrom,
  parseSettings,
} from '@b2b-charge/runtime';
import { migrate } from './migrate.ts';
import { migrateSettings, rolePasswords } from './migrate-settings.ts';

const HELP = `npm run migrate: brings the database to the newest schema and creates the streams. Idempotent.

  DATABASE_URL                the database, as its owner (who may create roles)
  LEDGER_DATABASE_PASSWORD    password of the role b2b_ledger; likewise of every other service;
                              one that is not given keeps the password it has
  NATS_URL, NATS_NKEY_SEED    NATS as the operator; without NATS_URL the streams are left alone
  NAMESPACE                   as the services have it
  STREAM_REPLICAS             1, or 3 in a cluster

Each may stand in a file instead: DATABASE_URL_FILE=/run/secrets/database-url. docs/settings.md has them all.`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  const settings = parseSettings(migrateSettings, process.env);
  await migrate({ adminUrl: settings.DATABASE_URL, rolePasswords: rolePasswords(settings) });
  console.log('database migrated');
  if (!settings.NATS_URL) return;
  const nc = await connectNats({
    user: 'operator',
    ...natsFrom({ ...settings, NATS_URL: settings.NATS_URL }),
  });
  await ensureStreams(nc, createSubjects(settings.NAMESPACE), {
    ...DEFAULT_STREAM_LIMITS,
    replicas: settings.STREAM_REPLICAS,
  });
  await nc.close();
  console.log('streams ready');
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(`bad configuration\n${error.message.replace(/^/gm, '  ')}\n\n${HELP}`);
  process.exitCode = 2;
}
