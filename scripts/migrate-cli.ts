import { createSubjects, SERVICES } from '@b2b-charge/contracts';
import { connectNats, DEFAULT_STREAM_LIMITS, ensureStreams } from '@b2b-charge/runtime';
import { migrate } from './migrate.ts';

const HELP = `npm run migrate: brings the database to the newest schema and creates the streams. Idempotent.

  DATABASE_URL                the database, as its owner (who may create roles)
  LEDGER_DATABASE_PASSWORD    password of the role b2b_ledger; likewise GATEWAY_, CREDITS_, RECONCILER_;
                              one that is not given keeps the password it has
  NATS_URL, NATS_NKEY_SEED    NATS as the operator; without NATS_URL the streams are left alone
  NAMESPACE                   as the services have it
  STREAM_REPLICAS             1, or 3 in a cluster`;

const { env } = process;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  if (!env.DATABASE_URL) {
    console.error(`DATABASE_URL is missing\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const given = SERVICES.map((service) => [service, env[`${service.toUpperCase()}_DATABASE_PASSWORD`]]);
  const rolePasswords = Object.fromEntries(given.filter(([, password]) => password));
  await migrate({ adminUrl: env.DATABASE_URL, rolePasswords });
  console.log('database migrated');
  if (!env.NATS_URL) return;
  const nc = await connectNats({ user: 'operator', url: env.NATS_URL, nkeySeed: env.NATS_NKEY_SEED });
  const replicas = Number(env.STREAM_REPLICAS ?? DEFAULT_STREAM_LIMITS.replicas);
  await ensureStreams(nc, createSubjects(env.NAMESPACE), { ...DEFAULT_STREAM_LIMITS, replicas });
  await nc.close();
  console.log('streams ready');
}

await main();
