import { setTimeout as sleep } from 'node:timers/promises';
import { type Following, type FollowOptions, followOutcomes } from './follow-outcomes.ts';
import type { OutcomeEvent } from './outcome-event.ts';

export interface OnOutcomeOptions extends Omit<FollowOptions, 'onBatch'> {
  /** Must be idempotent: an event may come more than once, under the same id. A rejection is tried again, in place. */
  readonly handle: (event: OutcomeEvent) => Promise<void> | void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Calls a handler with each outcome: one vendor's in the order of its chain, of several vendors at once. One that fails
 * is repeated until it succeeds, and holds up what comes behind it.
 */
export function onOutcome({ handle, ...options }: OnOutcomeOptions): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  const handleAll = async (events: readonly OutcomeEvent[]) => {
    for (const event of events) await handleOne(event);
  };
  const handleOne = async (event: OutcomeEvent) => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await handle(event);
      } catch (error) {
        options.onTrouble?.(error as Error);
        if (signal.aborted) throw error;
        await sleep(pauseMs, undefined, { signal });
      }
    }
  };
  const following = followOutcomes({
    ...options,
    onBatch: async (events) => {
      const byVendor = Map.groupBy(events, ({ vendorId }) => vendorId);
      const results = await Promise.allSettled([...byVendor.values()].map(handleAll));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  });
  const stop = () => {
    stopping.abort();
    return following.stop();
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
