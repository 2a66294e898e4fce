import { inboxPrefix } from '@b2b-charge/contracts';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';

export interface NatsOptions {
  /** The NATS user: a service's or system's own name. */
  readonly user: string;
  readonly url: string;
  readonly nkeySeed?: string | undefined;
}

/**
 * Connects and stays connected: the client reconnects for ever, every 100–200 ms, and pings so that a server which
 * went away without a word is noticed within 6 s.
 */
export function connectNats({ user, url, nkeySeed }: NatsOptions): Promise<NatsConnection> {
  return connect({
    servers: url.split(',').map((server) => server.trim()),
    name: user,
    inboxPrefix: inboxPrefix(user),
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    pingInterval: 2_000,
    maxPingOut: 3,
    timeout: 5_000,
    ...(nkeySeed ? { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) } : {}),
  });
}
