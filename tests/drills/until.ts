import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 60_000;
const EVERY_MS = 50;

/** Asks until it is so; what cannot be asked yet is asked again. Throws after a minute. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const endAt = Date.now() + WITHIN_MS; ; await sleep(EVERY_MS)) {
    const answer = await isSo().catch((error: Error) => error);
    if (answer === true) return;
    if (Date.now() > endAt)
      throw new Error(`not within ${WITHIN_MS / 1_000} s: ${what}${answer ? ` (${answer.message})` : ''}`);
  }
}
