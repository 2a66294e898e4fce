import { type Guardian, type Host, whyNoHosts } from '@b2b-charge/stack';
import { openNamespaces } from './namespaces.ts';
import { openProxies } from './proxies.ts';

export const NETWORKS = ['namespaces', 'proxies'] as const;
export type NetworkName = (typeof NETWORKS)[number];

/** What the servers of a cluster reach each other by, and how it breaks. */
export interface ClusterNetwork extends AsyncDisposable {
  readonly name: NetworkName;
  /** One for each server. */
  readonly places: readonly Place[];
  /** Takes a server's ways to the others away; its clients stay connected to it. */
  cutOff(member: number): void;
  /** Takes all its ways away, and says nothing to anybody: a machine without power. Only with namespaces. */
  vanish?(member: number): void;
  mend(member: number): void;
}

export interface Place {
  /** Where it runs; on this machine unless given. */
  readonly host?: Host;
  /** Address for the others' routes to it. */
  readonly listen: string;
  readonly routes: readonly string[];
}

export interface NetworkOptions {
  readonly count: number;
  readonly guardian: Guardian;
  readonly logDir: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The one asked for; without a wish network namespaces, and proxies where those cannot be had, which is said. */
export function openNetwork(
  wish: NetworkName | undefined,
  options: NetworkOptions,
  progress: (line: string) => void,
): Promise<ClusterNetwork> {
  if (wish === 'proxies') return openProxies(options);
  const reason = whyNoHosts();
  if (reason === undefined) return openNamespaces(options);
  if (wish) throw new Error(`no network namespaces: ${reason}`);
  progress(`no network namespaces (${reason}): the servers' routes go through proxies, no host vanishes`);
  return openProxies(options);
}
