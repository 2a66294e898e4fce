import { inboxPrefix } from '@b2b-charge/contracts';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';

export interface NatsOptions {
  /** The NATS user: a service's or system's own name. */
  readonly user: string;
  readonly url: string;
  readonly nkeySeed?: string | undefined;
  /** PEM texts. With any of them the connection is encrypted, or there is none. */
  readonly tls?: NatsTls | undefined;
}

export interface NatsTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

interface NatsSettings {
  readonly NATS_URL: string;
  readonly NATS_NKEY_SEED?: string | undefined;
  readonly NATS_TLS_CA?: string | undefined;
  readonly NATS_TLS_CERT?: string | undefined;
  readonly NATS_TLS_KEY?: string | undefined;
}

/** What the settings of a service say about NATS. */
export const natsFrom = (settings: NatsSettings): Omit<NatsOptions, 'user'> => ({
  url: settings.NATS_URL,
  nkeySeed: settings.NATS_NKEY_SEED,
  tls: { ca: settings.NATS_TLS_CA, cert: settings.NATS_TLS_CERT, key: settings.NATS_TLS_KEY },
});

/**
 * Connects and stays connected: the client reconnects for ever, every 100–200 ms, and pings so that a server which
 * went away without a word is noticed within 6 s.
 */
export function connectNats({ user, url, nkeySeed, tls = {} }: NatsOptions): Promise<NatsConnection> {
  const given = Object.fromEntries(Object.entries(tls).filter(([, text]) => text !== undefined));
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
    ...(Object.keys(given).length > 0 ? { tls: given } : {}),
    ...(nkeySeed ? { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) } : {}),
  });
}
