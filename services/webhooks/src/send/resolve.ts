import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { hostOf } from '../domain/url-rules.ts';
import type { AddressGuard } from './address-guard.ts';

/** The endpoint's name leads nowhere that a webhook may go. */
export class BlockedError extends Error {
  override name = 'BlockedError';
}

export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true });

/**
 * The one address to connect to. The name is looked up here and nowhere else: what was checked is what is connected to,
 * whatever the name says a moment later. Throws BlockedError, and what the resolver throws.
 */
export async function resolveAllowed(
  url: URL,
  isAllowed: AddressGuard,
  lookup: Lookup = systemLookup,
): Promise<LookupAddress> {
  const host = hostOf(url);
  const version = isIP(host);
  const found = version === 0 ? await lookup(host) : [{ address: host, family: version }];
  const allowed = found.find(({ address }) => isAllowed(address));
  // The addresses themselves stay unsaid: they would tell a stranger about the inside of a network.
  if (!allowed) throw new BlockedError('the address is not allowed');
  return allowed;
}
