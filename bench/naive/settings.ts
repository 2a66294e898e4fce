import { z } from 'zod';

const flag = z.enum(['0', '1']).transform((text) => text === '1');

/** Of the compared service. */
const settings = z.object({
  DATABASE_URL: z.string(),
  REDIS_URL: z.string(),
  PORT: z.coerce.number().int(),
  LOG_DIR: z.string(),
  /** Connections, each with one transaction at a time. */
  POOL: z.coerce.number().int().min(1),
  /** Holds a Redis lock per vendor around the transaction, as the seed does. */
  LOCK: flag,
  /** Sends statements that need no answer in between together. */
  PIPELINE: flag,
  RATE_LIMIT_POINTS: z.coerce.number().int(),
});

export type NaiveSettings = z.output<typeof settings>;
export const parseNaiveSettings = (environment: NodeJS.ProcessEnv): NaiveSettings =>
  settings.parse(environment);
