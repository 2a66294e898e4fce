import type { IncomingMessage } from 'node:http';
import type { Gateway } from '../gateway.ts';
import type { Principal } from '../tokens/principal.ts';
import { hashToken, tokenOf } from '../tokens/token-text.ts';
import type { AddressOf } from './client-address.ts';
import { type ErrorCode, Refusal } from './errors.ts';
import type { Route } from './route.ts';

/** Who calls; null on a public route. Throws Refusal. A token in memory is answered without a wait. */
export type Authenticate = (incoming: IncomingMessage, route: Route) => Principal | null | Promise<Principal>;

const CHALLENGE = { 'www-authenticate': 'Token realm="b2b-charge"' };

export function createAuthenticate(gateway: Gateway, addressOf: AddressOf): Authenticate {
  const { tokens, lastUse, authFailures, securityLog } = gateway;

  function refuse(code: ErrorCode, incoming: IncomingMessage, extra: Record<string, unknown> = {}): Refusal {
    const { method, url } = incoming;
    securityLog.write(gateway.now(), {
      event: code,
      address: addressOf(incoming),
      method,
      path: url?.split('?')[0]?.slice(0, 200),
      ...extra,
    });
    return new Refusal(code, code === 'UNAUTHENTICATED' ? { headers: CHALLENGE } : {});
  }

  function permit(principal: Principal, incoming: IncomingMessage, route: Route): Principal {
    lastUse.touch(principal.tokenId, gateway.now());
    if (route.access !== 'any' && principal.role !== route.access)
      throw refuse('FORBIDDEN', incoming, { token_id: principal.tokenId });
    if (principal.readOnly && route.method !== 'GET') {
      throw refuse('READ_ONLY_TOKEN', incoming, { token_id: principal.tokenId });
    }
    return principal;
  }

  async function lookUp(hash: string, incoming: IncomingMessage, route: Route): Promise<Principal> {
    const address = addressOf(incoming);
    const blockedMs = await authFailures.blockedForMs(address);
    if (blockedMs > 0) {
      refuse('RATE_LIMITED', incoming);
      throw new Refusal('RATE_LIMITED', {
        headers: { 'retry-after': String(Math.ceil(blockedMs / 1_000)) },
      });
    }
    const principal = await tokens.lookUp(hash, gateway.now());
    if (principal) return permit(principal, incoming, route);
    await authFailures.record(address);
    throw refuse('UNAUTHENTICATED', incoming, { reason: 'bad token' });
  }

  return (incoming, route) => {
    if (route.access === 'public') return null;
    const { authorization } = incoming.headers;
    if (authorization === undefined) throw refuse('UNAUTHENTICATED', incoming, { reason: 'no token' });
    const token = tokenOf(authorization);
    if (token === null) throw refuse('UNAUTHENTICATED', incoming, { reason: 'malformed' });
    const hash = hashToken(token);
    const known = tokens.peek(hash, gateway.now());
    return known ? permit(known, incoming, route) : lookUp(hash, incoming, route);
  };
}
