import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inboxPrefix } from '@b2b-charge/contracts';
import type { StackFile } from '@b2b-charge/stack';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { seedFile } from './keys.ts';

const IN_FORCE_WITHIN_MS = 5_000;

export type RunningStack = Pick<StackFile, 'nats' | 'pids' | 'operator'>;

/** A NATS server that was given by URL has other users than the stack's. */
export const isOurs = ({ operator }: RunningStack): boolean => operator.NATS_NKEY_SEED !== undefined;

/** Has the stack load the users anew. */
export function reload({ pids }: RunningStack): void {
  process.kill(pids.supervisor!, 'SIGUSR2');
}

/** Waits until a user can come in, or cannot any more. Returns whether it came to that. */
export async function inForce(
  { nats }: RunningStack,
  user: { readonly folder: string; readonly name: string; readonly welcome: boolean; readonly seed?: string },
): Promise<boolean> {
  const seed = user.seed ?? readFileSync(seedFile(user.folder, user.name), 'utf8').trim();
  for (const giveUpAt = Date.now() + IN_FORCE_WITHIN_MS; Date.now() < giveUpAt; await sleep(50)) {
    if ((await comesIn(nats, user.name, seed)) === user.welcome) return true;
  }
  return false;
}

async function comesIn(url: string, name: string, seed: string): Promise<boolean> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  try {
    const nc = await connect({
      servers: url,
      name,
      inboxPrefix: inboxPrefix(name),
      reconnect: false,
      authenticator,
    });
    await nc.close();
    return true;
  } catch {
    return false;
  }
}
