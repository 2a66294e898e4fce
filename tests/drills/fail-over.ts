import { setTimeout as sleep } from 'node:timers/promises';
import { asService, onServer, type Server, startPostgres, withDatabase } from '@b2b-charge/stack';
import { finishRestore } from '../../scripts/backup/finish-restore.ts';
import { openDatabase } from '../chaos/check/rows.ts';
import { CuttableProxy } from '../gateway/proxy.ts';
import type { Drill, DrillOptions } from './drill.ts';
import { type Market, openMarket } from './market.ts';
import { caughtUp, isSynchronous, type Replica, runTool, startReplica } from './postgres-replica.ts';
import { postgresWithTools, toolsOf } from './postgres-tools.ts';
import { asBefore, transactionHashes } from './transaction-hashes.ts';

const STANDBY = 'standby';

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
      primary.kill('SIGKILL');
      await replica.promote();
      lead(address, replica);
      options.progress(`killed; the replica leads after ${Math.round(performance.now() - startedAt)} ms`);
      await sleep(options.sellMs);
      findings.push(...(await bringBack(site, options)));
    });
    return { ...result, findings: [...result.findings, ...findings] };
  },
};

async function makeSynchronous({ market, primary }: Site): Promise<void> {
  await market.db.query(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
  await market.db.query('SELECT pg_reload_conf()');
  await isSynchronous(primary.url, STANDBY);
}

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
      primary.kill('SIGKILL');
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

interface Site extends AsyncDisposable {
  readonly market: Market;
  readonly primary: Server;
  readonly replica: Replica;
  /** Where the services find PostgreSQL. */
  readonly address: CuttableProxy;
  /** From the primary to the replica. */
  readonly wire: CuttableProxy;
}

/** A market whose services find PostgreSQL at an address that can be led elsewhere, and a replica that has all of it. */
async function openSite(options: DrillOptions, more: { withoutOffice?: boolean }): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  let primary!: Server;
  let address!: CuttableProxy;
  const market = await openMarket(options, {
    ...more,
    serversFrom: postgresWithTools(),
    startPostgres: async (given) => {
      primary = await startPostgres(given);
      const { proxy, url } = await CuttableProxy.to(primary.url);
      address = stack.use(proxy);
      return at(url, primary);
    },
  });
  stack.use(market);
  const { proxy: wire, url: from } = await CuttableProxy.to(primary.url);
  stack.use(wire);
  const replica = stack.use(await startReplica(market.fleet, { name: STANDBY, from }));
  await caughtUp(primary.url, STANDBY);
  const owned = stack.move();
  return { market, primary, replica, address, wire, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** As a virtual address does, or a proxy that ends the sessions of a server that it has given up. */
function lead(address: CuttableProxy, { server }: Replica): void {
  address.cut();
  address.lead(server.url);
  address.mend();
}

const at = (url: string, server: Server): Server => ({
  ...{ name: server.name, source: server.source, version: server.version, url },
  get pid() {
    return server.pid;
  },
  kill: (signal) => server.kill(signal),
  restart: () => server.restart(),
  stop: () => server.stop(),
  onExit: (listener) => server.onExit(listener),
});
