import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inboxPrefix } from '@b2b-charge/contracts';
import type { StackFile } from '@b2b-charge/stack';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { seedFile } from './keys.ts';

const IN_FORCE_WITHIN_MS = 5_000;
const ANSWER_MS = 1_000;

export type RunningStack = Pick<StackFile, 'nats' | 'pids' | 'operator'>;

/** A NATS server that was given by URL has other users than the stack's. */
export const isOurs = ({ operator }: RunningStack): boolean => operator.NATS_NKEY_SEED !== undefined;

/** Has the stack load the users anew. */
export function reload({ pids }: RunningStack): void {
  process.kill(pids.supervisor!, 'SIGUSR2');
}

/** Waits until a system reaches what it may, or cannot come in any more. Returns whether it came to that. */
export async function inForce(
  { nats }: RunningStack,
  user: {
    readonly folder: string;
    readonly name: string;
    /** Subject that the system may ask JetStream on; null if it is to be locked out. */
    readonly reaches: string | null;
    readonly seed?: string;
  },
): Promise<boolean> {
  const seed = user.seed ?? readFileSync(seedFile(user.folder, user.name), 'utf8').trim();
  for (const giveUpAt = Date.now() + IN_FORCE_WITHIN_MS; Date.now() < giveUpAt; await sleep(50)) {
    const there = await isThere(nats, { name: user.name, seed, ask: user.reaches });
    if (there === (user.reaches !== null)) return true;
  }
  return false;
}

async function isThere(
  url: string,
  { name, seed, ask }: { name: string; seed: string; ask: string | null },
): Promise<boolean> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  try {
    const nc = await connect({
      servers: url,
      name,
      inboxPrefix: inboxPrefix(name),
      reconnect: false,
      authenticator,
    });
    try {
      // A user is let in before its account has its imports.
      if (ask !== null) await nc.request(ask, '', { timeout: ANSWER_MS });
      return true;
    } finally {
      await nc.close();
    }
  } catch {
    return false;
  }
}
