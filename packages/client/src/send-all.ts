import type { Outcome } from '@b2b-charge/contracts';
import type { SendOptions } from './options.ts';
import { type Sender, sendUntilDecided } from './send-until-decided.ts';

export type BulkCommand = Pick<
  SendOptions,
  'vendorId' | 'messageId' | 'command' | 'principal' | 'traceparent'
>;

export interface BulkOptions {
  /** Commands under way, or decided and not yet taken by the caller; no more are read from the source. */
  readonly window?: number;
  readonly waitMs?: number;
  readonly deadlineMs?: number;
}

/** What became of one of many: its outcome, or NotAcceptedError or PendingError. */
export type BulkResult<C> =
  | { readonly command: C; readonly outcome: Outcome; readonly error?: never }
  | { readonly command: C; readonly error: Error; readonly outcome?: never };

const WINDOW = 256;
const WAIT_MS = 30_000;

/**
 * Sends many commands, a window of them at a time, and yields what becomes of each as it is known. A failed one does not
 * stop the others; a source that fails does, after what was sent is decided. Who stops taking results stops the reading.
 */
export async function* sendAll<C extends BulkCommand>(
  client: Sender,
  commands: Iterable<C> | AsyncIterable<C>,
  { window = WINDOW, waitMs = WAIT_MS, deadlineMs = waitMs }: BulkOptions = {},
): AsyncGenerator<BulkResult<C>, void, undefined> {
  const source = iteratorOf(commands);
  const results: BulkResult<C>[] = [];
  let underWay = 0;
  let reading = false;
  let ended = false;
  let failure: { readonly error: unknown } | null = null;
  let changed = Promise.withResolvers<void>();

  const launch = (command: C) => {
    underWay++;
    void sendUntilDecided(client, { ...command, waitMs, deadlineMs })
      .then(
        (outcome) => results.push({ command, outcome }),
        (error: Error) => results.push({ command, error }),
      )
      .finally(() => {
        underWay--;
        changed.resolve();
      });
  };
  const read = async () => {
    reading = true;
    try {
      const next = await source.next();
      if (next.done) ended = true;
      else launch(next.value);
    } catch (error) {
      ended = true;
      failure = { error };
    }
    reading = false;
    changed.resolve();
  };

  try {
    for (;;) {
      if (!reading && !ended && underWay + results.length < window) void read();
      const result = results.shift();
      if (result) yield result;
      else if (ended && underWay === 0) break;
      else {
        await changed.promise;
        changed = Promise.withResolvers();
      }
    }
  } finally {
    if (!ended) await source.return?.();
  }
  if (failure) throw (failure as { error: unknown }).error;
}

function iteratorOf<C>(commands: Iterable<C> | AsyncIterable<C>): Iterator<C> | AsyncIterator<C> {
  return Symbol.asyncIterator in commands ? commands[Symbol.asyncIterator]() : commands[Symbol.iterator]();
}
