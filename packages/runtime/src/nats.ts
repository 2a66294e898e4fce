import { setTimeout as sleep } from 'node:timers/promises';
import { API, createSubjects, inboxPrefix, jetStreamApi } from '@b2b-charge/contracts';
import { connect, type NatsConnection, nkeyAuthenticator, type Server } from '@nats-io/transport-node';
import { hangUpWhenLost } from './nats-hang-up.ts';
import { leaveWhenCutOff } from './nats-reach.ts';

export interface NatsOptions {
  /** The NATS user: a service's or system's own name. */
  readonly user: string;
  readonly url: string;
  readonly nkeySeed?: string | undefined;
  /** PEM texts. With any of them the connection is encrypted, or there is none. */
  readonly tls?: NatsTls | undefined;
  /** The stream that it is for: a server that was cut off from the others is left the sooner. */
  readonly stream?: string | undefined;
  /** How long to wait for the first connection; without end unless told. */
  readonly withinMs?: number | undefined;
}

export interface NatsTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

interface NatsSettings {
  readonly NAMESPACE: string;
  readonly NATS_URL: string;
  readonly NATS_NKEY_SEED?: string | undefined;
  readonly NATS_TLS_CA?: string | undefined;
  readonly NATS_TLS_CERT?: string | undefined;
  readonly NATS_TLS_KEY?: string | undefined;
}

const apis = new WeakMap<NatsConnection, string>();

/**
 * How JetStream is reached over a connection that connectNats made: an account that has no JetStream of its own imports its
 * API under another prefix.
 */
export const jetStreamOptions = (nc: NatsConnection): { checkAPI: false; apiPrefix: string } => ({
  checkAPI: false,
  apiPrefix: apis.get(nc) ?? API,
});

/** What the settings of a service say about NATS. */
export const natsFrom = (settings: NatsSettings): Omit<NatsOptions, 'user'> => ({
  url: settings.NATS_URL,
  nkeySeed: settings.NATS_NKEY_SEED,
  tls: { ca: settings.NATS_TLS_CA, cert: settings.NATS_TLS_CERT, key: settings.NATS_TLS_KEY },
  stream: createSubjects(settings.NAMESPACE).streams.commands,
});

const RETRY_MS = 200;
const HANDSHAKE_MS = 5_000;
/** Whoever only wants to know whether another server is better off. */
const LOOK_MS = 2_000;

/**
 * Connects and stays connected: the client reconnects for ever, every 100–200 ms, and pings so that a server which
 * went away without a word is left within 4 s, before a cluster can have elected another leader; one that its cluster has
 * lost, when the others have a leader and it knows of none any more. Of several servers the next is the one that was tried
 * longest ago. Waits for the first connection without end, unless told how long: then throws NatsAwayError, and tries no more.
 */
export function connectNats({ withinMs, ...options }: NatsOptions): Promise<NatsConnection> {
  return withinMs === undefined
    ? connectOnce(options, { waitOnFirstConnect: true, timeout: HANDSHAKE_MS })
    : connectWithin(options, withinMs);
}

/** No server answered in time, or none knew the user's key; the cause is what the last one said. */
export class NatsAwayError extends Error {
  override name = 'NatsAwayError';
}

async function connectWithin(options: NatsOptions, withinMs: number): Promise<NatsConnection> {
  const timeout = Math.min(HANDSHAKE_MS, withinMs);
  for (const giveUpAt = Date.now() + withinMs; ; ) {
    try {
      // The client's own waiting could not be ended, and would keep the process alive.
      return await connectOnce(options, { waitOnFirstConnect: false, timeout });
    } catch (cause) {
      if (Date.now() + RETRY_MS >= giveUpAt)
        throw new NatsAwayError(`NATS does not answer within ${withinMs} ms`, { cause });
      await sleep(RETRY_MS);
    }
  }
}

async function connectOnce(
  { user, url, nkeySeed, tls = {}, stream }: NatsOptions,
  first: { waitOnFirstConnect: boolean; timeout: number },
): Promise<NatsConnection> {
  const given = Object.fromEntries(Object.entries(tls).filter(([, text]) => text !== undefined));
  const identity = {
    name: user,
    inboxPrefix: inboxPrefix(user),
    ...(Object.keys(given).length > 0 ? { tls: given } : {}),
    ...(nkeySeed ? { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) } : {}),
  };
  const nc = await connect({
    ...identity,
    servers: url.split(',').map((server) => server.trim()),
    ...first,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    reconnectToServer: longestAgo,
    pingInterval: 1_000,
    maxPingOut: 3,
  });
  const api = jetStreamApi(user, Boolean(nkeySeed));
  apis.set(nc, api);
  void leaveWhenCutOff(nc, {
    stream,
    api,
    connectTo: (servers) =>
      connect({ ...identity, name: `${user}, looking`, servers, reconnect: false, timeout: LOOK_MS }),
  });
  void hangUpWhenLost(nc);
  return nc;
}

/** The client by itself begins with the very server that it has just lost, and waits for that one's handshake. */
const longestAgo = (servers: readonly Server[]): Server | null =>
  servers.toSorted((a, b) => a.lastConnect - b.lastConnect)[0] ?? null;
