import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '@b2b-charge/contracts';
import { NotAcceptedError } from './errors.ts';
import type { SendOptions } from './options.ts';

/** As much of a client as sending needs. */
export interface Sender {
  send(options: SendOptions): Promise<Outcome>;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Sends a command; while the log refuses it (full, out of reach, too many in flight), sends it again under the same
 * message id, until the wait is over. Rejects with PendingError, or with the last NotAcceptedError.
 */
export async function sendUntilDecided(client: Sender, options: SendOptions): Promise<Outcome> {
  const startedAtMs = Date.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const spentMs = Date.now() - startedAtMs;
    const left = { waitMs: options.waitMs - spentMs, deadlineMs: options.deadlineMs - spentMs };
    try {
      return await client.send({ ...options, ...left });
    } catch (error) {
      const again = error instanceof NotAcceptedError && error.code !== 'CLIENT_CLOSED';
      const waitMs = pauseMs * (0.5 + Math.random() / 2);
      if (!again || Date.now() - startedAtMs + waitMs >= options.waitMs) throw error;
      await sleep(waitMs);
    }
  }
}
