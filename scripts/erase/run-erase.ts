import { outcomeCopyKey, redisPrefix } from '@b2b-charge/contracts';
import { ConfigError, commonSettings, databaseUrl, parseSettings, redisUrl } from '@b2b-charge/runtime';
import { Redis } from 'ioredis';
import { parsePhoneNumber } from 'libphonenumber-js/min';
import pg from 'pg';
import { z } from 'zod';
import {
  type Counts,
  countRows,
  eraseNumber,
  type PhoneNumber,
  type SaleKey,
  soldTo,
} from './erase/erase-number.ts';
import { readArguments, UsageError } from './options.ts';

const HELP = `npm run erase -- --phone-number +989121234567 --reason "…" --by NAME [--yes] [--json]

Takes one phone number out of the database, for ever: transactions, dead letters, deliveries of webhooks. The chain, receipts
and checkpoints stay valid; what stood there says "erased". Without --yes it only counts. The audit log (ledger.erasures) has
the counts, the reason and the name, never the number. docs/privacy.md says what backups and NATS still hold, and how long.

  DATABASE_URL    the database, as its owner
  REDIS_URL       if given, cached outcomes of these sales are removed, too
  NAMESPACE       as the services have it

Exit code: 0 done, or counted; 1 rows are left that only the vendor can change; 2 it could not run.`;

const KEYS_AT_ONCE = 500;

const settings = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl.optional(),
  NAMESPACE: commonSettings.NAMESPACE,
});

async function main(): Promise<number> {
  const { values } = readArguments({
    options: {
      'phone-number': { type: 'string' },
      reason: { type: 'string' },
      by: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const number = numberOf(values['phone-number']);
  const { reason, by } = values;
  if (!reason || !by) throw new UsageError('--reason and --by are needed: they go into the audit log');
  const { DATABASE_URL, REDIS_URL, NAMESPACE } = parseSettings(settings, process.env);
  const db = new pg.Client({ connectionString: DATABASE_URL, application_name: 'erase' });
  await db.connect();
  try {
    const found = await countRows(db, number);
    if (!values.yes) {
      show(found, { json: values.json, done: false });
      return 0;
    }
    const sales = REDIS_URL === undefined ? [] : await soldTo(db, number);
    const progress = (text: string) => console.error(text);
    const erased = await eraseNumber(db, { number, by, reason, nowMs: Date.now(), progress });
    if (REDIS_URL !== undefined) await forgetOutcomes(REDIS_URL, NAMESPACE, sales);
    const left = await countRows(db, number);
    show({ ...left, ...erased }, { json: values.json, done: true });
    return Object.values(left).some((rows) => rows > 0) ? 1 : 0;
  } finally {
    await db.end();
  }
}

function numberOf(text: string | undefined): PhoneNumber {
  if (text === undefined)
    throw new UsageError('--phone-number is needed, for example --phone-number +989121234567');
  try {
    const { number, nationalNumber } = parsePhoneNumber(text);
    return { e164: number, national: nationalNumber };
  } catch {
    throw new UsageError('--phone-number: in E.164 form, for example +989121234567');
  }
}

/** Caches are disposable: what is not removed here ends after IDEMPOTENCY_TIMEOUT. */
async function forgetOutcomes(url: string, namespace: string, sales: readonly SaleKey[]): Promise<void> {
  const redis = new Redis(url);
  try {
    const prefix = redisPrefix(namespace);
    for (let start = 0; start < sales.length; start += KEYS_AT_ONCE) {
      const some = sales.slice(start, start + KEYS_AT_ONCE);
      await redis.del(some.map(({ vendor_id, message_id }) => outcomeCopyKey(prefix, vendor_id, message_id)));
    }
  } finally {
    redis.disconnect();
  }
}

function show(counts: Counts, { json, done }: { json: boolean; done: boolean }): void {
  if (json) {
    console.log(JSON.stringify({ erased: done, rows: counts }));
    return;
  }
  for (const [table, rows] of Object.entries(counts)) console.log(`${String(rows).padStart(8)}  ${table}`);
  console.log(done ? 'erased' : 'nothing was changed: --yes erases');
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
