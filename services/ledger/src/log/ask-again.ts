import { TimeoutError } from '@nats-io/transport-node';

/** How long one question may take. */
export const ANSWER_MS = 2_000;
const EVERY_MS = 500;
const TIMES = 5;

/**
 * A question to a stream that has no leader just now is never answered, not even when it has one again. So it is asked
 * every half second, and the first answer counts, be it an error. Throws TimeoutError after four seconds without any.
 */
export function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let unanswered = 0;
    const once = () => {
      if (++asked === TIMES) clearInterval(timer);
      ask().then(
        (answer) => {
          clearInterval(timer);
          resolve(answer);
        },
        (error: unknown) => {
          if (error instanceof TimeoutError && ++unanswered < TIMES) return;
          clearInterval(timer);
          reject(error);
        },
      );
    };
    const timer = setInterval(once, EVERY_MS);
    once();
  });
}
