import { BlockList, isIP } from 'node:net';
import { type Manifest, ofKind, workloads } from './manifests.ts';

/** Whatever a policy can name: a pod of ours, or one elsewhere. */
export interface Peer {
  readonly labels: Readonly<Record<string, string>>;
  /** Of another namespace than ours. */
  readonly namespace?: string;
  /** Of something that is no pod. */
  readonly address?: string;
  /** By name, of a pod of ours. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** The pods of ours, by the name of what makes them. */
export function ourPods(manifests: readonly Manifest[]): Record<string, Peer> {
  const pods = workloads(manifests).map(({ name, template }) => {
    const ports = template.spec.containers[0].ports ?? [];
    const byName = ports.map((port: Manifest) => [port.name, port.containerPort]);
    return [name, { labels: template.metadata.labels, ports: Object.fromEntries(byName) }];
  });
  return Object.fromEntries(pods) as Record<string, Peer>;
}

/** Whether a connection is allowed, as a cluster would decide it: at its one end and at the other. */
export function createFirewall(manifests: readonly Manifest[]) {
  const policies = ofKind(manifests, 'NetworkPolicy').map(({ spec }) => spec);
  const may = (
    direction: 'Ingress' | 'Egress',
    pod: Peer,
    peer: Peer,
    matches: (port: Manifest) => boolean,
  ) => {
    if (pod.namespace || pod.address) return true;
    const concerned = policies.filter(
      (spec) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pod.labels),
    );
    if (concerned.length === 0) return true;
    const [rules, peers] =
      direction === 'Ingress' ? (['ingress', 'from'] as const) : (['egress', 'to'] as const);
    return concerned.some((spec) =>
      (spec[rules] ?? []).some(
        (rule: Manifest) =>
          (rule[peers] === undefined || rule[peers].some((each: Manifest) => isPeer(each, peer))) &&
          (rule.ports === undefined || rule.ports.some(matches)),
      ),
    );
  };
  return (from: Peer, to: Peer, port: number): boolean => {
    const matches = ({ port: allowed }: Manifest) => allowed === port || to.ports?.[allowed] === port;
    return may('Egress', from, to, matches) && may('Ingress', to, from, matches);
  };
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Manifest, peer: Peer): boolean {
  if (ipBlock) return peer.address !== undefined && isWithin(ipBlock, peer.address);
  if (peer.address) return false;
  const theirs = peer.namespace ? { 'kubernetes.io/metadata.name': peer.namespace } : null;
  const place = namespaceSelector ? theirs !== null && selects(namespaceSelector, theirs) : theirs === null;
  return place && (podSelector === undefined || selects(podSelector, peer.labels));
}

function isWithin({ cidr, except = [] }: Manifest, address: string): boolean {
  const within = (network: string) => {
    const [base = '', bits] = network.split('/');
    const list = new BlockList();
    list.addSubnet(base, Number(bits), familyOf(base));
    return familyOf(base) === familyOf(address) && list.check(address, familyOf(address));
  };
  return within(cidr) && !except.some(within);
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Whether a label selector selects. Throws for an operator that is not known here. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: Manifest,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }: Manifest) => {
      if (operator !== 'In') throw new Error(`${operator}: not known here`);
      return values.includes(labels[key]);
    })
  );
}
