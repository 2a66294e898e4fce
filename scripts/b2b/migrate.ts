import { createSubjects } from '@b2b-charge/contracts';
import {
  connectNats,
  DEFAULT_STREAM_LIMITS,
  ensureStreams,
  natsFrom,
  parseSettings,
} from '@b2b-charge/runtime';
import { type Cli, printText } from './cli.ts';

const NOTE = `
  DATABASE_URL                the database, as its owner (who may create roles)
  LEDGER_DATABASE_PASSWORD    password of the role b2b_ledger; likewise for every other service;
                              a role whose password is not given keeps the one it has
  NATS_URL, NATS_NKEY_SEED    NATS as the operator; without NATS_URL the streams stay as they are
  NAMESPACE                   as the services have it
  STREAM_REPLICAS             1, or 3 in a cluster`;

export function addMigrate({ program, env }: Cli): void {
  program
    .command('migrate')
    .description('Brings the database to the newest schema and creates the streams. Safe to repeat.')
    .addHelpText('after', NOTE)
    .action(async () => {
      const { migrateSettings, rolePasswords } = await import('../migrate-settings.ts');
      const { migrate } = await import('../migrate.ts');
      const settings = parseSettings(migrateSettings, env);
      await migrate({ adminUrl: settings.DATABASE_URL, rolePasswords: rolePasswords(settings) });
      printText('database migrated');
      if (!settings.NATS_URL) return;
      const nats = natsFrom({ ...settings, NATS_URL: settings.NATS_URL });
      const nc = await connectNats({ user: 'operator', ...nats });
      try {
        const limits = { ...DEFAULT_STREAM_LIMITS, replicas: settings.STREAM_REPLICAS };
        await ensureStreams(nc, createSubjects(settings.NAMESPACE), limits);
      } finally {
        await nc.close();
      }
      printText('streams ready');
    });
}
