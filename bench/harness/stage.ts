import path from 'node:path';
import { type Fleet, freePort, type NatsLimits, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { cloneDatabase, type Database, databaseAt } from './database.ts';
import { loadShop, type Shop } from './load-vendors.ts';

/** The whole system on servers of its own, with a shop in its books. */
export interface Stage extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly database: Database;
  readonly shop: Shop;
  /** Where nats-server reports its counters. */
  readonly natsMonitorUrl: string;
  /** The shop as it was before anyone sold anything, in a database of its own. */
  cloneShop(name: string): Promise<Database>;
}

export interface StageOptions {
  readonly shop: Shop;
  readonly natsLimits?: Partial<NatsLimits>;
  readonly natsBinary?: string | undefined;
  readonly progress: (line: string) => void;
}

/**
 * What an administrator would set for PostgreSQL; durability (fsync, synchronous_commit, full_page_writes) stays at its
 * defaults, which are all on. The compared services use the same server.
 */
export const POSTGRES_SETTINGS = { shared_buffers: '1GB', max_wal_size: '8GB' } as const;

/** The rate limit counts every request as always, but no vendor of a bench shall meet it. */
export const SERVICE_SETTINGS = { RATE_LIMIT_POINTS: '1000000000' } as const;

export const ROOT = path.join(import.meta.dirname, '../..');

/** Servers and books; no service runs yet. */
export async function openStage({ shop, natsLimits, natsBinary, progress }: StageOptions): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const natsMonitorPort = await freePort();
  const fleet = parts.use(
    await startFleet({
      root: ROOT,
      migrate,
      services: {},
      environment: SERVICE_SETTINGS,
      postgresSettings: POSTGRES_SETTINGS,
      natsLimits: natsLimits ?? {},
      natsBinary,
      natsMonitorPort,
    }),
  );
  const { postgres, nats, redis } = fleet;
  progress(`PostgreSQL ${postgres.version}, nats-server ${nats.version}, Redis ${redis.version}`);
  const database = databaseAt(fleet.databaseUrl);
  await loadShop(database, shop, progress);
  const untouched = await cloneDatabase(database, 'untouched');
  const disposal = parts.move();
  return {
    fleet,
    database,
    shop,
    natsMonitorUrl: `http://127.0.0.1:${natsMonitorPort}`,
    cloneShop: (name) => cloneDatabase(untouched, name),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
