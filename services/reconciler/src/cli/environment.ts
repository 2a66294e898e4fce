import { existsSync, readFileSync } from 'node:fs';

/** What `npm start` leaves beside the current directory for tools. */
const STACK_FILE = '.local/stack.json';

/** The settings: the environment's own, over those of a local stack if one has been started here. */
export function findEnvironment(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  if (env.DATABASE_URL || env.DATABASE_URL_FILE || !existsSync(STACK_FILE)) return env;
  const stack = JSON.parse(readFileSync(STACK_FILE, 'utf8')) as {
    services?: { reconciler?: Record<string, string> };
  };
  return { ...stack.services?.reconciler, ...env };
}
