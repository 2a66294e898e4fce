import { databaseUrl, parseSettings } from '@b2b-charge/runtime';
import { z } from 'zod';

const settings = z.object({ DATABASE_URL: databaseUrl });

/** The database, as its owner: DATABASE_URL, or the content of DATABASE_URL_FILE. Throws ConfigError. */
export const ownerDatabase = (env: NodeJS.ProcessEnv): string => parseSettings(settings, env).DATABASE_URL;
