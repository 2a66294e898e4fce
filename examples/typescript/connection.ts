import { readFileSync } from 'node:fs';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';

/** The system's own name: its permissions allow no other. */
export const SYSTEM = process.env.SYSTEM ?? 'billing';

/** NATS_URL, NATS_NKEY_SEED_FILE (what `npm run nats-user` made), and in production NATS_TLS_CA_FILE. */
export function connectAsSystem(): Promise<NatsConnection> {
  const seed = readFileSync(process.env.NATS_NKEY_SEED_FILE ?? 'NATS_NKEY_SEED', 'utf8').trim();
  const caFile = process.env.NATS_TLS_CA_FILE;
  return connect({
    servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222',
    name: SYSTEM,
    // Answers come to an inbox of one's own; nobody else may listen there.
    inboxPrefix: `_INBOX.${SYSTEM}`,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    maxReconnectAttempts: -1,
    ...(caFile ? { tls: { caFile } } : {}),
  });
}
