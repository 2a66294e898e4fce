import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The address of the client, as far as it can be believed. */
export type AddressOf = (incoming: IncomingMessage) => string;

const MAX_HOPS = 20;
const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
/** An IPv4 client of a dual-stack socket. */
const plain = (address: string) => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** Believes X-Forwarded-For from the trusted proxies only, and of it only what they added. */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/');
    if (prefix === undefined) trusted.addAddress(address, family(address));
    else trusted.addSubnet(address, Number(prefix), family(address));
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, family(address));
  return (incoming) => {
    let address = plain(incoming.socket.remoteAddress ?? 'unknown');
    const forwarded = incoming.headers['x-forwarded-for'];
    if (typeof forwarded !== 'string' || !isTrusted(address)) return address;
    for (const hop of forwarded.split(',').slice(-MAX_HOPS).reverse()) {
      const candidate = plain(hop.trim());
      if (isIP(candidate) === 0) break;
      address = candidate;
      if (!isTrusted(address)) break;
    }
    return address;
  };
}
