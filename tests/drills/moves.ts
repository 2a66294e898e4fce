import type { NatsCluster } from './nats-cluster.ts';
import { until } from './until.ts';

export interface Moves {
  /** Names of those who were connected to the member. */
  readonly clients: readonly string[];
  /** Resolves when the other members have as many more clients. */
  done(): Promise<void>;
}

/** How the clients of a member go to the others. Begin before anything happens to it. */
export async function movesFrom(cluster: NatsCluster, member: number): Promise<Moves> {
  const others = [...cluster.members.keys()].filter((other) => other !== member);
  const elsewhere = async () =>
    (await Promise.all(others.map((other) => cluster.clientsOf(other))))
      .flat()
      // Whoever only looks whether a server is better off than his own goes again.
      .filter((name) => !name.endsWith(', looking'));
  const clients = await cluster.clientsOf(member);
  const all = [...clients, ...(await elsewhere())].sort().join(' ');
  return {
    clients,
    done: () =>
      until(`with the other servers: ${all}`, async () => (await elsewhere()).sort().join(' ') === all),
  };
}
