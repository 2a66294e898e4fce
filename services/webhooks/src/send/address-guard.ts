import { BlockList, isIP } from 'node:net';

export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** IANA's special-purpose registries: what is no public unicast address. */
const FORBIDDEN_V4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, and the clouds' metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];
/** Of IPv6 only global unicast is public, without these parts: mapped, NAT64, local and multicast ones lie outside. */
const GLOBAL_V6 = '2000::/3';
const FORBIDDEN_V6 = [
  '2001::/23', // protocol assignments, Teredo, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
];

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family);
  return list;
}

const parsed = (texts: readonly string[], family: Network['family']): Network[] =>
  texts.map((text) => ({ address: text.split('/')[0]!, bits: Number(text.split('/')[1]), family }));

const forbidden = {
  4: listOf(parsed(FORBIDDEN_V4, 'ipv4')),
  6: listOf(parsed(FORBIDDEN_V6, 'ipv6')),
};
const globalV6 = listOf(parsed([GLOBAL_V6], 'ipv6'));

/** Says of an IP address whether a webhook may go there. */
export type AddressGuard = (address: string) => boolean;

export function createAddressGuard(allowed: readonly Network[]): AddressGuard {
  // Apart, for an IPv4 network must not let the IPv6 form of its addresses in.
  const own = {
    4: listOf(allowed.filter(({ family }) => family === 'ipv4')),
    6: listOf(allowed.filter(({ family }) => family === 'ipv6')),
  };
  return (address) => {
    const version = isIP(address);
    if (version === 4) return own[4].check(address) || !forbidden[4].check(address);
    if (version !== 6 || address.includes('%')) return false;
    if (own[6].check(address, 'ipv6')) return true;
    return globalV6.check(address, 'ipv6') && !forbidden[6].check(address, 'ipv6');
  };
}
