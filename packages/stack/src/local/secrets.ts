import { randomBytes } from 'node:crypto';
import { type NatsUserName, natsPermissions, SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { createUser, fromSeed } from '@nats-io/nkeys';
import type { NatsUser } from '../servers/nats-config.ts';
import { randomPassword } from '../servers/secret-file.ts';
import { readJson, writeJson } from './json-file.ts';

export interface StackSecrets {
  /** PostgreSQL passwords. */
  readonly roles: Readonly<Record<ServiceName, string>>;
  /** nkey seeds. */
  readonly nats: Readonly<Record<NatsUserName, string>>;
  /** Seals the webhooks' secrets: 32 bytes in base64. */
  readonly webhookKey: string;
  readonly phoneSaltKey: string;
  /** Seals what the gateway caches in Redis: 32 bytes in base64. */
  readonly redisSealKey: string;
  readonly admin: { readonly token: string; readonly username: string; readonly password: string };
}

/** Those of the earlier runs; made at the first one, and when a service is new. */
export function stackSecrets(file: string): StackSecrets {
  const known = readJson<StackSecrets>(file);
  const natsUsers = Object.keys(natsPermissions()) as NatsUserName[];
  const secrets: StackSecrets = {
    roles: fill(SERVICES, known?.roles, randomPassword),
    nats: fill(natsUsers, known?.nats, newSeed),
    webhookKey: known?.webhookKey ?? randomBytes(32).toString('base64'),
    phoneSaltKey: known?.phoneSaltKey ?? randomBytes(32).toString('base64'),
    redisSealKey: known?.redisSealKey ?? randomBytes(32).toString('base64'),
    admin: known?.admin ?? { token: randomPassword(), username: 'admin', password: randomPassword() },
  };
  writeJson(file, secrets);
  return secrets;
}

/** The users of the NATS server: who may do what is the contracts' table, their keys are here. */
export function natsUsers(seeds: StackSecrets['nats']): NatsUser[] {
  return Object.entries(natsPermissions()).map(([name, permissions]) => {
    const seed = new TextEncoder().encode(seeds[name as NatsUserName]);
    return { name, publicKey: fromSeed(seed).getPublicKey(), permissions };
  });
}

function fill<K extends string>(
  names: readonly K[],
  known: Readonly<Record<K, string>> | undefined,
  make: () => string,
): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, known?.[name] ?? make()])) as Record<K, string>;
}

const newSeed = (): string => new TextDecoder().decode(createUser().getSeed());
