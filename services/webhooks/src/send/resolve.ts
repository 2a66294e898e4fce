import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { hostOf } from '../domain/url-rules.ts';
import type { AddressGuard } from './address-guard.ts';

/** The endpoint's name leads nowhere that a webhook may go. */
export class BlockedError extends Error {
  override name = 'BlockedError';
}

const NO_PUBLIC_ADDRESS = 'the host of the URL leads to no public address';

export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true });

/**
 * The one address to connect to. The name is looked up here and nowhere else: what was checked is what is connected to,
 * whatever the name says a moment later. Throws BlockedError, for a name that does not exist with the same text as for one
 * that leads inside: a vendor must not find out which internal names exist.
 */
export async function resolveAllowed(
  url: URL,
  isAllowed: AddressGuard,
  lookup: Lookup = systemLookup,
): Promise<LookupAddress> {
  const host = hostOf(url);
  const version = isIP(host);
  const found = version === 0 ? await lookup(host).catch(() => []) : [{ address: host, family: version }];
  const allowed = found.find(({ address }) => isAllowed(address));
  // The addresses themselves stay unsaid: they would tell a stranger about the inside of a network.
  if (!allowed) throw new BlockedError(NO_PUBLIC_ADDRESS);
  return allowed;
}
