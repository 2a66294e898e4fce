import { MAX_WEBHOOK_URL } from '@b2b-charge/contracts';

export interface UrlRules {
  readonly allowHttp: boolean;
  readonly ports: readonly { readonly from: number; readonly to: number }[];
}

/** The URL of an endpoint, or what is wrong with it. Where its name leads is looked at when it is used. */
export function parseEndpointUrl(text: string, { allowHttp, ports }: UrlRules): URL | string {
  if (text.length > MAX_WEBHOOK_URL) return 'the URL is too long';
  const url = URL.parse(text);
  if (!url || url.hostname === '') return 'it is no URL';
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    return allowHttp ? 'only https and http are allowed' : 'only https is allowed';
  }
  if (url.username !== '' || url.password !== '') return 'a URL with a name or password in it is not allowed';
  if (url.hash !== '') return 'a URL with a fragment is not allowed';
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  if (!ports.some(({ from, to }) => port >= from && port <= to)) return `port ${port} is not allowed`;
  return url;
}

/** The name or address to connect to; an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
