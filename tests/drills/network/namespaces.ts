import { freePort, startHosts } from '@b2b-charge/stack';
import type { ClusterNetwork, NetworkOptions } from './cluster-network.ts';

/** Each server on a host of its own; what is taken from it is dropped in silence, and no connection ends. */
export async function openNamespaces(options: NetworkOptions): Promise<ClusterNetwork> {
  const started = await startHosts(options);
  const { hosts } = started;
  const port = await freePort();
  const addresses = hosts.map(({ privateAddress }) => `${privateAddress}:${port}`);
  return {
    name: 'namespaces',
    places: hosts.map((host, index) => ({
      host,
      listen: addresses[index]!,
      routes: addresses.filter((_, other) => other !== index).map((address) => `nats://${address}`),
    })),
    cutOff: (member) => hosts[member]!.silence('between hosts'),
    vanish: (member) => hosts[member]!.silence('everything'),
    mend: (member) => hosts[member]!.mend(),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}
