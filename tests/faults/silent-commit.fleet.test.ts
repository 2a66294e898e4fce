import path from 'node:path';
import { createPool } from '@b2b-charge/runtime';
import { onServer, startFleet } from '@b2b-charge/stack';
import { expect, test } from 'vitest';
import { migrate } from '../../scripts/migrate.ts';
import { waitFor } from '../harness.ts';

const ROOT = path.join(import.meta.dirname, '../..');

test('a commit that waits for a synchronous replica is waited for, beyond every other bound', async () => {
  await using fleet = await startFleet({ root: ROOT, migrate, services: {} });
  const { databaseUrl: url } = fleet;
  const pool = createPool({ url, applicationName: 'commit', max: 1, statementTimeoutMs: 100 });
  await using _ = { [Symbol.asyncDispose]: () => pool.end() };
  const looking = createPool({ url, applicationName: 'looking', max: 1, statementTimeoutMs: 5_000 });
  await using __ = { [Symbol.asyncDispose]: () => looking.end() };
  await onServer(url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await onServer(url, 'SELECT pg_reload_conf()');
  const commit = pool.query('CREATE TABLE public.told (id int)');
  commit.catch(() => {});
  await waitFor(async () => {
    const { rowCount } = await looking.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'commit' AND wait_event = 'SyncRep'
         AND query_start < clock_timestamp() - interval '5 seconds'`,
    );
    return rowCount === 1;
  }, 20_000);
  await onServer(url, 'ALTER SYSTEM RESET synchronous_standby_names');
  await onServer(url, 'SELECT pg_reload_conf()');
  expect((await commit).command).toBe('CREATE');
}, 60_000);
