import { createSubjects, type Subjects } from '@b2b-charge/contracts';
import {
  connectNats,
  createPool,
  NatsAwayError,
  type NatsOptions,
  natsFrom,
  natsSettings,
  parseSettings,
  toolEnvironment,
  UsageError,
} from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { z } from 'zod';
import { ledgerSettings } from '../config.ts';

const { DATABASE_URL, NAMESPACE } = ledgerSettings.shape;
const settings = z.object({ DATABASE_URL, NAMESPACE, ...natsSettings });

export interface CliSettings {
  readonly databaseUrl: string;
  readonly nats: Omit<NatsOptions, 'user'>;
  readonly subjects: Subjects;
}

const CONNECT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * The ledger's settings from the environment, or from the local stack that runs; there `as` says whose NATS key it is.
 * Throws ConfigError naming every bad variable.
 */
export function readSettings(environment: NodeJS.ProcessEnv, as: 'service' | 'operator'): CliSettings {
  const parsed = parseSettings(settings, toolEnvironment(environment, 'ledger', { as }));
  return {
    databaseUrl: parsed.DATABASE_URL,
    nats: natsFrom(parsed),
    subjects: createSubjects(parsed.NAMESPACE),
  };
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
  try {
    return await connectNats({ user, ...nats, withinMs: CONNECT_MS });
  } catch (cause) {
    if (!(cause instanceof NatsAwayError)) throw cause;
    throw new UsageError(`NATS at ${nats.url} does not answer, or does not know the key of "${user}"`, {
      cause,
    });
  }
}
