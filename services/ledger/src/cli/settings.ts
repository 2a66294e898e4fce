import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSubjects, type Subjects } from '@b2b-charge/contracts';
import { connectNats, createPool, type NatsOptions, natsFrom, parseSettings } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { ledgerSettings } from '../config.ts';
import { UsageError } from './usage-error.ts';

const settings = ledgerSettings.pick({
  DATABASE_URL: true,
  NATS_URL: true,
  NATS_NKEY_SEED: true,
  NATS_TLS_CA: true,
  NATS_TLS_CERT: true,
  NATS_TLS_KEY: true,
  NAMESPACE: true,
});

export interface CliSettings {
  readonly databaseUrl: string;
  readonly nats: Omit<NatsOptions, 'user'>;
  readonly subjects: Subjects;
}

const STACK_FILE = path.join(import.meta.dirname, '../../../../.local/stack.json');
const CONNECT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * The ledger's settings from the environment; without a DATABASE_URL there, those of the local stack that runs. `as`
 * says whose NATS key the local stack's is. Throws ConfigError naming every bad variable.
 */
export function readSettings(environment: NodeJS.ProcessEnv, as: 'ledger' | 'operator'): CliSettings {
  const own = environment.DATABASE_URL || environment.DATABASE_URL_FILE;
  const given = own ? environment : { ...environment, ...localStack(as) };
  const parsed = parseSettings(settings, given);
  return {
    databaseUrl: parsed.DATABASE_URL,
    nats: natsFrom(parsed),
    subjects: createSubjects(parsed.NAMESPACE),
  };
}

interface StackFile {
  readonly services?: { readonly ledger?: Record<string, string> };
  readonly operator?: Record<string, string>;
}

function localStack(as: 'ledger' | 'operator'): Record<string, string> {
  let stack: StackFile;
  try {
    stack = JSON.parse(readFileSync(STACK_FILE, 'utf8')) as StackFile;
  } catch {
    return {};
  }
  return { ...stack.services?.ledger, ...(as === 'operator' ? stack.operator : {}) };
}

export const openPool = ({ databaseUrl }: CliSettings): pg.Pool =>
  createPool({
    url: databaseUrl,
    applicationName: 'ledger-cli',
    max: 2,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });

/** Connects, or says that nobody answers: an operator does not wait for ever. */
export async function openNats({ nats }: CliSettings, user: 'ledger' | 'operator'): Promise<NatsConnection> {
  const connecting = connectNats({ user, ...nats });
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(
      () =>
        reject(new UsageError(`NATS at ${nats.url} does not answer, or does not know the key of "${user}"`)),
      CONNECT_MS,
    );
    timer.signal.addEventListener('abort', () => clearTimeout(timeout));
  });
  try {
    return await Promise.race([connecting, late]);
  } finally {
    timer.abort();
  }
}
