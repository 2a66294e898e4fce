import type { IncomingMessage } from 'node:http';
import type { AddressOf } from './client-address.ts';
import { type ErrorCode, Refusal } from './errors.ts';
import type { HttpService } from './http-service.ts';
import type { Route } from './route.ts';
import type { Principal } from './tokens/principal.ts';
import { hashToken, tokenOf } from './tokens/token-text.ts';

/** Who calls; null on a public route. Throws Refusal. A token in memory is answered without a wait. */
export type Authenticate = (incoming: IncomingMessage, route: Route) => Principal | null | Promise<Principal>;

const CHALLENGE = { 'www-authenticate': 'Token realm="b2b-charge"' };

export function createAuthenticate(service: HttpService, addressOf: AddressOf): Authenticate {
  const { tokens, lastUse, authFailures, refusals } = service;

  function refuse(code: ErrorCode, incoming: IncomingMessage, extra: Record<string, unknown> = {}): Refusal {
    const { method, url } = incoming;
    refusals.write({
      event: code,
      address: addressOf(incoming),
      method,
      path: url?.split('?')[0]?.slice(0, 200),
      ...extra,
    });
    return new Refusal(code, code === 'UNAUTHENTICATED' ? { headers: CHALLENGE } : {});
  }

  function permit(principal: Principal, incoming: IncomingMessage, route: Route): Principal {
    lastUse.touch(principal.tokenId, service.now());
    if (route.access !== 'any' && principal.role !== route.access)
      throw refuse('FORBIDDEN', incoming, { token_id: principal.tokenId });
    if (principal.readOnly && route.method !== 'GET') {
      throw refuse('READ_ONLY_TOKEN', incoming, { token_id: principal.tokenId });
    }
    return principal;
  }

  /** Throws Refusal if too many requests without a valid token came from the address. */
  function refuseBlocked(incoming: IncomingMessage): void {
    const blockedMs = authFailures.blockedForMs(addressOf(incoming));
    if (blockedMs <= 0) return;
    refuse('RATE_LIMITED', incoming);
    throw new Refusal('RATE_LIMITED', { headers: { 'retry-after': String(Math.ceil(blockedMs / 1_000)) } });
  }

  function refuseUnknown(incoming: IncomingMessage, reason: string): Refusal {
    authFailures.record(addressOf(incoming));
    return refuse('UNAUTHENTICATED', incoming, { reason });
  }

  async function lookUp(hash: string, incoming: IncomingMessage, route: Route): Promise<Principal> {
    refuseBlocked(incoming);
    const principal = await tokens.lookUp(hash, service.now());
    if (principal) return permit(principal, incoming, route);
    throw refuseUnknown(incoming, 'bad token');
  }

  return (incoming, route) => {
    if (route.access === 'public') return null;
    const { authorization } = incoming.headers;
    const token = authorization === undefined ? null : tokenOf(authorization);
    if (token === null) {
      refuseBlocked(incoming);
      throw refuseUnknown(incoming, authorization === undefined ? 'no token' : 'malformed');
    }
    const hash = hashToken(token);
    const known = tokens.peek(hash, service.now());
    return known ? permit(known, incoming, route) : lookUp(hash, incoming, route);
  };
}
