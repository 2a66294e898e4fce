import { chmodSync, chownSync, cpSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishRestore } from '../../scripts/backup/finish-restore.ts';
import { BackupError } from '../../scripts/backup/folder.ts';
import { planRestore, restoreFiles } from '../../scripts/backup/restore-files.ts';
import { settleLostRequests } from '../../scripts/backup/settle-credits.ts';
import { takeBase } from '../../scripts/backup/take-base.ts';
import { verifyBackup } from '../../scripts/backup/verify.ts';
import type { Drill } from './drill.ts';
import { openMarket, ROOT } from './market.ts';
import { postgresWithTools, toolsOf } from './postgres-tools.ts';
import { asBefore, transactionHashes } from './transaction-hashes.ts';

/** Backed up while it sells, destroyed, restored to a time before its end: the log brings back what came after. */
export const restoreDatabase: Drill = {
  name: 'restore-database',
  what: 'the database destroyed under load and restored to an earlier time',
  async run(options) {
    const { progress, sellMs } = options;
    await using market = await openMarket(options, {
      withoutOffice: true,
      serversFrom: postgresWithTools(),
      postgresSettings: { wal_level: 'replica', archive_mode: 'on', max_wal_senders: '4' },
    });
    const { fleet, db, load } = market;
    const tools = toolsOf(fleet);
    const backups = path.join(fleet.folder, 'backups');
    prepareArchive(backups, tools.dataDir);
    await db.query(`ALTER SYSTEM SET archive_command = 'sh ${backups}/archive-wal.sh %p %f ${backups}/wal'`);
    await db.query('SELECT pg_reload_conf()');
    let before = new Map<string, string>();
    const result = await market.sellThrough(
      async () => {
        const base = await takeBase(fleet.databaseUrl, backups, tools);
        progress(`base backup ${base.name} taken under load`);
        await sleep(sellMs);
        const { rows } = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
        await sleep(sellMs);
        await load.office.grant(load.shops[0]!, {
          ...{ key: 'granted-after-the-restored-time', amount: 500_000n },
          until: new AbortController().signal,
        });
        await db.query('SELECT pg_switch_wal()');
        await archived(db);
        before = await transactionHashes(db);
        fleet.postgres.kill('SIGKILL');
        await fleet.postgres.stop();
        progress(`PostgreSQL killed with ${before.size} transactions, and its files taken away`);
        const faults = await verifyBackup(backups, base, tools);
        if (faults.length > 0) throw new BackupError(faults.join('; '));
        const { uid, gid } = statSync(tools.dataDir);
        renameSync(tools.dataDir, `${tools.dataDir}.destroyed`);
        mkdirSync(tools.dataDir, { mode: 0o700 });
        chownSync(tools.dataDir, uid, gid);
        restoreFiles(planRestore({ folder: backups, into: tools.dataDir, to: rows[0]!.now }));
        await fleet.postgres.restart();
        await recovered(fleet.databaseUrl);
        progress(`restored to ${rows[0]!.now.toISOString()} with ${await count(db)} transactions`);
      },
      {
        beforeProof: async () => {
          const settled = await settleLostRequests(fleet.databaseUrl, 'drill');
          progress(
            `${await count(db)} transactions after the log was decided again; ${settled} credit requests written anew`,
          );
        },
      },
    );
    return asBefore(before, await transactionHashes(db), result);
  },
};

function prepareArchive(backups: string, dataDir: string): void {
  const { uid, gid } = statSync(dataDir);
  for (const folder of [backups, path.join(backups, 'wal')]) {
    mkdirSync(folder);
    chownSync(folder, uid, gid);
  }
  cpSync(path.join(ROOT, 'deploy/backup/archive-wal.sh'), path.join(backups, 'archive-wal.sh'));
  chmodSync(path.join(backups, 'archive-wal.sh'), 0o755);
}

type Database = Awaited<ReturnType<typeof openMarket>>['db'];

const count = async (db: Database): Promise<number> =>
  (await db.query<{ n: number }>('SELECT count(*)::int AS n FROM ledger.transactions')).rows[0]!.n;

async function archived(db: Database): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { rows } = await db.query<{ done: boolean }>(
      `SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216) AS done FROM pg_stat_archiver`,
    );
    if (rows[0]!.done) return;
    await sleep(50);
  }
  throw new BackupError('the WAL was not archived');
}

async function recovered(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return void (await finishRestore(url));
    } catch (error) {
      if (attempt > 300) throw error;
      await sleep(50);
    }
  }
}
