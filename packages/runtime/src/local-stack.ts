import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';

const ROOT = path.join(import.meta.dirname, '../../..');
type Environment = Record<string, string | undefined>;

/** Where `npm start` says what runs, for as long as it runs: in LOCAL_DIR, or in `.local` of the repository. */
export const localStackFile = (env: Environment): string =>
  path.join(env.LOCAL_DIR || path.join(ROOT, '.local'), 'stack.json');

/**
 * What a command-line tool finds in its environment; without a DATABASE_URL there, a service's settings in the local
 * stack that runs. `as: 'operator'` takes the NATS key of the user that may publish for others.
 */
export function toolEnvironment(
  env: Environment,
  service: ServiceName,
  { as = 'service' }: { as?: 'service' | 'operator' } = {},
): Environment {
  if (env.DATABASE_URL || env.DATABASE_URL_FILE) return env;
  const stack = readStack(localStackFile(env));
  const settings = { ...stack.services?.[service], ...(as === 'operator' ? stack.operator : {}) };
  // All of them are the stack's: what else the environment has may be of another system.
  const others = Object.entries(env).filter(([name]) => !(name.replace(/_FILE$/, '') in settings));
  return { ...Object.fromEntries(others), ...settings };
}

interface Stack {
  readonly services?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly operator?: Readonly<Record<string, string>>;
}

function readStack(file: string): Stack {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stack;
  } catch {
    return {};
  }
}
