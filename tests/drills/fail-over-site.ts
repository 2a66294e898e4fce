import { type Server, startPostgres } from '@b2b-charge/stack';
import { CuttableProxy } from '../gateway/proxy.ts';
import type { DrillOptions } from './drill.ts';
import { type Market, type MarketOptions, openMarket } from './market.ts';
import { caughtUp, isSynchronous, type Replica, startReplica } from './postgres-replica.ts';
import { postgresWithTools } from './postgres-tools.ts';

export const STANDBY = 'standby';

export interface Site extends AsyncDisposable {
  readonly market: Market;
  readonly primary: Server;
  readonly replica: Replica;
  /** Where the services find PostgreSQL. */
  readonly address: CuttableProxy;
  /** From the primary to the replica. */
  readonly wire: CuttableProxy;
}

/** A market whose services find PostgreSQL at an address that can be led elsewhere, and a replica that has all of it. */
export async function openSite(options: DrillOptions, more: MarketOptions): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  let primary!: Server;
  let address!: CuttableProxy;
  const market = await openMarket(options, {
    ...more,
    serversFrom: postgresWithTools(),
    localFiles: ['postgres'],
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
export function lead(address: CuttableProxy, { server }: Replica): void {
  address.cut();
  address.lead(server.url);
  address.mend();
}

const at = (url: string, server: Server): Server => ({
  name: server.name,
  source: server.source,
  version: server.version,
  url,
  get pid() {
    return server.pid;
  },
  get container() {
    return server.container;
  },
  kill: (signal) => server.kill(signal),
  restart: () => server.restart(),
  stop: () => server.stop(),
  onExit: (listener) => server.onExit(listener),
});

/** From now on a commit that anybody is told of is on the replica, too. */
export async function makeSynchronous({ market, primary }: Site): Promise<void> {
  await market.db.query(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
  await market.db.query('SELECT pg_reload_conf()');
  await isSynchronous(primary.url, STANDBY);
}
