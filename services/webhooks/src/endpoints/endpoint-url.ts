import { isIP } from 'node:net';
import { CallError } from '@b2b-charge/runtime';
import { hostOf, parseEndpointUrl, type UrlRules } from '../domain/url-rules.ts';
import type { AddressGuard } from '../send/address-guard.ts';

export interface EndpointRules {
  readonly urls: UrlRules;
  readonly isAllowed: AddressGuard;
}

/**
 * The URL as it will be used. Throws WEBHOOK_URL_NOT_ALLOWED. An address is refused here; a name is looked up at every
 * delivery, for where it leads may change.
 */
export function checkUrl(text: string, { urls, isAllowed }: EndpointRules): string {
  const url = parseEndpointUrl(text, urls);
  if (typeof url === 'string') throw new CallError('WEBHOOK_URL_NOT_ALLOWED', url);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isAllowed(host)) {
    throw new CallError('WEBHOOK_URL_NOT_ALLOWED', 'the address is not allowed');
  }
  return url.href;
}
