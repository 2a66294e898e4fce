import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 60_000;
const EVERY_MS = 50;

/** Asks until it is so; what cannot be asked yet is asked again. Throws after a minute, unless told. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  for (const endAt = Date.now() + withinMs; ; await sleep(EVERY_MS)) {
    const answer = await isSo().catch((error: Error) => error);
    if (answer === true) return;
    if (Date.now() > endAt)
      throw new Error(`not within ${withinMs / 1_000} s: ${what}${answer ? ` (${answer.message})` : ''}`);
  }
}
