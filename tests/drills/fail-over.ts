import { setTimeout as sleep } from 'node:timers/promises';
import { asService, onServer, withDatabase } from '@b2b-charge/stack';
import { finishRestore } from '../../scripts/backup/finish-restore.ts';
import { openDatabase } from '../chaos/check/rows.ts';
import type { Drill, DrillOptions } from './drill.ts';
import { lead, makeSynchronous, openSite, type Site, STANDBY } from './fail-over-site.ts';
import { caughtUp, runTool } from './postgres-replica.ts';
import { toolsOf } from './postgres-tools.ts';
import { asBefore, transactionHashes } from './transaction-hashes.ts';

/** The primary killed under load, and its synchronous replica promoted: what was told is there. */
export const failOver: Drill = {
  name: 'fail-over',
  what: 'PostgreSQL killed under load, its synchronous replica promoted, and the address led there',
  commandLineOnly: true,
  async run(options) {
    // The office looks up what it gives back, and the ledger on the old primary answers it with what is old.
    await using site = await openSite(options, { withoutOffice: true });
    const { market, primary, replica, address } = site;
    await makeSynchronous(site);
    const findings: string[] = [];
    const result = await market.sellThrough(async () => {
      const startedAt = performance.now();
      await primary.kill('SIGKILL');
      await replica.promote();
      lead(address, replica);
      options.progress(`killed; the replica leads after ${Math.round(performance.now() - startedAt)} ms`);
      await sleep(options.sellMs);
      findings.push(...(await bringBack(site, options)));
    });
    return { ...result, findings: [...result.findings, ...findings] };
  },
};

/** What nobody should do: the old primary is started, with a ledger that knows no other. It commits nothing. */
async function bringBack(
  { market, primary, replica }: Site,
  { sellMs, progress }: DrillOptions,
): Promise<string[]> {
  const { fleet } = market;
  await primary.restart();
  const url = withDatabase(primary.url, new URL(fleet.databaseUrl).pathname.slice(1));
  const old = openDatabase(url);
  try {
    const before = await transactionHashes(old);
    const stray = await fleet.add('ledger', { DATABASE_URL: asService(url, 'ledger', fleet.secrets.roles) });
    await sleep(sellMs);
    process.kill(stray.process.pid!, 'SIGKILL');
    const after = await transactionHashes(old);
    progress(
      `the old primary came back with a ledger of its own, which committed ${after.size - before.size}`,
    );
    if (after.size !== before.size) return ['the old primary took transactions'];
  } finally {
    await old.end();
  }
  const tools = toolsOf({ postgres: primary });
  await primary.stop();
  // Before its first checkpoint it says of itself that it is on the old timeline: then there is nothing to rewind.
  await onServer(replica.server.url, 'CHECKPOINT');
  await runTool(tools, 'pg_rewind', [
    ...['--target-pgdata', tools.dataDir, '--source-server', replica.server.url, '--write-recovery-conf'],
  ]);
  // Its settings are the new primary's now, and name the slot that this one used.
  await onServer(replica.server.url, `SELECT pg_create_physical_replication_slot('${STANDBY}')`);
  await primary.restart();
  await caughtUp(replica.server.url, 'walreceiver');
  progress('the old primary, rewound, follows the new one');
  return [];
}

/** The same with a replica that lacks the end: the log brings back what it never saw. */
export const failOverBehind: Drill = {
  name: 'fail-over-behind',
  what: 'PostgreSQL killed under load, and a replica promoted that never saw the last of what was sold',
  async run(options) {
    // What is asked of the office goes with the database: the drill of the restore has that.
    await using site = await openSite(options, { withoutOffice: true });
    const { market, primary, replica, address, wire } = site;
    let before = new Map<string, string>();
    const result = await market.sellThrough(async () => {
      await caughtUp(primary.url, STANDBY);
      wire.cut();
      await sleep(options.sellMs);
      before = await transactionHashes(market.db);
      await primary.kill('SIGKILL');
      await replica.promote();
      await finishRestore(replica.of(market.fleet.databaseUrl));
      const promoted = openDatabase(replica.of(market.fleet.databaseUrl));
      const kept = await transactionHashes(promoted);
      await promoted.end();
      options.progress(
        `killed with ${before.size} transactions; the promoted replica has ${kept.size} of them`,
      );
      if (kept.size >= before.size) throw new Error('the replica was not behind: nothing is shown');
      lead(address, replica);
    });
    return asBefore(before, await transactionHashes(market.db), result);
  },
};
