import { chownSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveAll, startArchiving } from './archive.ts';
import { WHEN_ASKED } from './audits.ts';
import { documented, shell } from './documented.ts';
import type { Drill } from './drill.ts';
import { Erasures } from './erasures.ts';
import { openMarket } from './market.ts';
import { createOperator } from './operator.ts';
import { postgresWithTools, toolsOf } from './postgres-tools.ts';
import { checkReceipts, type Kept, takeReceipts } from './receipts.ts';
import { asBefore, transactionHashes } from './transaction-hashes.ts';
import { until } from './until.ts';

/**
 * Backed up while it sells, destroyed, restored to a time before its end, by the lines of docs/disaster-recovery.md: the log
 * brings back what came after. Receipts and checkpoints of the time that was lost speak of the very same transactions, also
 * where a phone number was erased before or after the restored time.
 */
export const restoreDatabase: Drill = {
  name: 'restore-database',
  what: 'every tenth number erased, the database destroyed under load and restored to an earlier time; receipts of the lost time still verify',
  async run(options) {
    const { progress, sellMs } = options;
    await using market = await openMarket(options, {
      withoutOffice: true,
      reconciler: 'when asked',
      serversFrom: postgresWithTools(),
      localFiles: ['postgres'],
      postgresSettings: { wal_level: 'replica', archive_mode: 'on', max_wal_senders: '4' },
    });
    const { fleet, db, load } = market;
    const { binDir, environment, dataDir } = toolsOf(fleet);
    const backups = path.join(fleet.folder, 'backups');
    const tools = { ...environment, PG_BIN: binDir, DATABASE_URL: fleet.databaseUrl };
    const auditor = {
      ...fleet.environment('reconciler'),
      ...WHEN_ASKED,
      SIGNING_KEY_FILE: keyOf(fleet.folder),
    };
    const { follow, faults } = createOperator(tools, progress);
    const erasures = new Erasures(db, { ...tools, REDIS_URL: fleet.redis.url }, options.short ? 25 : 1_000);
    const to = { '/backups': backups };
    const audit = documented('npm run reconcile -- --full`');
    let before = new Map<string, string>();
    let kept: readonly Kept[] = [];
    await startArchiving(db, backups, dataDir);
    const result = await market.sellThrough(
      async () => {
        await follow(audit, 0, 'Critical Issues: 0', auditor);
        await follow(documented('npx b2b backup base', to), 0, 'restorable from');
        progress('audited, and a base backup taken under load');
        await sleep(sellMs);
        await erasures.eraseEveryTenth(follow);
        const { rows } = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
        const at = rows[0]!.now.toISOString();
        await sleep(sellMs);
        await load.office.grant(load.shops[0]!, {
          key: 'granted-after-the-restored-time',
          amount: 500_000n,
          until: new AbortController().signal,
        });
        await erasures.eraseEveryTenth(follow);
        await follow(audit, 0, 'Critical Issues: 0', auditor);
        kept = await takeReceipts(fleet, db, load.shops);
        await archiveAll(db);
        before = await transactionHashes(db);
        await fleet.postgres.kill('SIGKILL');
        await fleet.postgres.stop();
        progress(
          `PostgreSQL killed with ${before.size} transactions, ${kept.length} receipts taken, ${erasures.numbers.size} numbers erased`,
        );
        await follow(documented('npx b2b backup verify', to), 0, 'is complete');
        await follow(documented('npx b2b backup list', to), 0, 'WAL files');
        await follow(documented('npx b2b backup prune', to), 0, 'would remove 0 base backups');
        const files = documented('npx b2b restore files', {
          ...to,
          '/var/lib/postgresql/data': dataDir,
          '2026-11-24T12:00:00Z': at,
        });
        await follow(`${files} --yes`, 2, 'is not empty: nothing is ever restored over a database');
        moveAway(dataDir);
        await follow(files, 0, 'would restore base backup');
        await follow(`${files} --yes`, 0, 'restored: base backup');
        await fleet.postgres.restart();
        await until('the database has recovered', async () => {
          const { code } = await shell(documented('npx b2b restore finish'), tools);
          return code === 0;
        });
        progress(`restored to ${at} with ${await count(db)} transactions`);
      },
      {
        beforeProof: async () => {
          progress(`${await count(db)} transactions after the log was decided again`);
          const settle = documented('npx b2b restore settle');
          await follow(settle, 0, 'would write 1 credit requests');
          await follow(`${settle} --yes`, 0, 'wrote 1 credit requests');
          faults.push(...(await erasures.eraseAgain()));
          faults.push(...(await checkReceipts(fleet, db, kept)));
          await follow(documented('npm run reconcile -- --full --dry-run'), 1, GONE, auditor);
          const anew = documented('npm run reconcile -- --full --restart-checkpoints');
          await follow(anew, 1, GONE, auditor);
          await follow(audit, 0, 'Critical Issues: 0', auditor);
        },
        erased: erasures.numbers,
      },
    );
    const checked = asBefore(before, await transactionHashes(db), result);
    if (faults.length === 0) return checked;
    const findings = [...checked.findings, ...faults];
    return { ...checked, audit: `${findings.length} findings`, findings };
  },
};

const GONE = 'checkpoints that were published are gone';
const keyOf = (folder: string): string => path.join(folder, 'reconciler-key.pem');

function moveAway(dataDir: string): void {
  const { uid, gid } = statSync(dataDir);
  renameSync(dataDir, `${dataDir}.destroyed`);
  mkdirSync(dataDir, { mode: 0o700 });
  chownSync(dataDir, uid, gid);
}

type Database = Awaited<ReturnType<typeof openMarket>>['db'];

const count = async (db: Database): Promise<number> =>
  (await db.query<{ n: number }>('SELECT count(*)::int AS n FROM ledger.transactions')).rows[0]!.n;
