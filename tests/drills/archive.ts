import { chmodSync, chownSync, cpSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { ROOT } from './market.ts';
import { until } from './until.ts';

/** A folder for backups that PostgreSQL may write its WAL into, and PostgreSQL told to do so. */
export async function startArchiving(db: pg.Pool, backups: string, dataDir: string): Promise<void> {
  const { uid, gid } = statSync(dataDir);
  for (const folder of [backups, path.join(backups, 'wal')]) {
    mkdirSync(folder);
    chownSync(folder, uid, gid);
  }
  cpSync(path.join(ROOT, 'deploy/backup/archive-wal.sh'), path.join(backups, 'archive-wal.sh'));
  chmodSync(path.join(backups, 'archive-wal.sh'), 0o755);
  await db.query(`ALTER SYSTEM SET archive_command = 'sh ${backups}/archive-wal.sh %p %f ${backups}/wal'`);
  await db.query('SELECT pg_reload_conf()');
}

/** Everything written until now is in the archive. */
export async function archiveAll(db: pg.Pool): Promise<void> {
  await db.query('SELECT pg_switch_wal()');
  await until('the WAL is archived', async () => {
    const { rows } = await db.query<{ done: boolean }>(
      'SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216) AS done FROM pg_stat_archiver',
    );
    return rows[0]!.done;
  });
}
