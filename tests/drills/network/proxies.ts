import { freePort } from '@b2b-charge/stack';
import { CuttableProxy } from '../../gateway/proxy.ts';
import type { ClusterNetwork, NetworkOptions } from './cluster-network.ts';

interface Route {
  readonly ends: readonly [number, number];
  readonly proxy: CuttableProxy;
  readonly url: string;
}

/** All servers on loopback, each route through a proxy; a cut ends its connections, and both sides are told. */
export async function openProxies({ count }: Pick<NetworkOptions, 'count'>): Promise<ClusterNetwork> {
  await using stack = new AsyncDisposableStack();
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const routes: Route[] = [];
  // In a ring: between any two one route, and for each server one of its own, without which it would not be in a cluster.
  for (let from = 0; from < count; from++) {
    const to = (from + 1) % count;
    const way = await CuttableProxy.to(`nats://127.0.0.1:${ports[to]}`);
    stack.use(way.proxy);
    routes.push({ ends: [from, to], ...way });
  }
  const proxiesOf = (member: number) =>
    routes.filter(({ ends }) => ends.includes(member)).map(({ proxy }) => proxy);
  const disposal = stack.move();
  return {
    name: 'proxies',
    places: ports.map((port, index) => ({
      listen: `127.0.0.1:${port}`,
      routes: routes.filter(({ ends }) => ends[0] === index).map(({ url }) => url),
    })),
    cutOff(member) {
      for (const proxy of proxiesOf(member)) proxy.cut();
    },
    mend(member) {
      for (const proxy of proxiesOf(member)) proxy.mend();
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
