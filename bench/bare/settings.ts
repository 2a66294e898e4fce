import { nkeyAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import { EXTRA_NAMES } from './extras.ts';

/** Settings of the bare gateway and the bare ledger. */
const settings = z.object({
  NATS_URL: z.string(),
  NATS_NKEY_SEED: z.string(),
  DATABASE_URL: z.string(),
  REDIS_URL: z.string(),
  LOG_DIR: z.string(),
  /** Vendors 1 … n. */
  VENDORS: z.coerce.number().int().positive(),
  /** Comma-separated; empty is the bare shape. */
  EXTRAS: z
    .string()
    .transform((text) => text.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.enum(EXTRA_NAMES)))
    .transform((names) => new Set(names)),
});

export type BareSettings = z.output<typeof settings>;

/** Throws ZodError. */
export const parseBareSettings = (environment: NodeJS.ProcessEnv): BareSettings =>
  settings.parse(environment);

/** How both connect to the bare shape's nats-server. */
export const natsOptions = ({ NATS_URL, NATS_NKEY_SEED }: BareSettings) => ({
  servers: NATS_URL,
  authenticator: nkeyAuthenticator(new TextEncoder().encode(NATS_NKEY_SEED)),
  noAsyncTraces: true,
});
