import { setTimeout as sleep } from 'node:timers/promises';
import { eventConsumersOf } from '@b2b-charge/contracts';
import { type Following, type FollowOptions, followOutcomes } from './follow-outcomes.ts';
import type { OutcomeEvent } from './outcome-event.ts';

export interface OnOutcomeOptions extends Omit<FollowOptions, 'onBatch' | 'durable' | 'shared'> {
  /** The internal system that follows: its positions bear its name, one for each vendor. */
  readonly system: string;
  /** All unless told. */
  readonly vendorIds?: readonly number[];
  /** Of events, e.g. "charge-posted"; all unless told. */
  readonly types?: readonly string[];
  /** By the second position, for reading again from an earlier point while the first one goes on. */
  readonly replay?: boolean;
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
  const { system, vendorIds, types, replay = false, onTrouble } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const handleAll = async (events: readonly OutcomeEvent[]) => {
    for (const event of events) if (!types || types.includes(event.type)) await handleOne(event);
  };
  const handleOne = async (event: OutcomeEvent) => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await handle(event);
      } catch (error) {
        onTrouble?.(error as Error);
        if (signal.aborted) throw error;
        await sleep(pauseMs, undefined, { signal });
      }
    }
  };
  const onBatch = async (events: readonly OutcomeEvent[]) => {
    const byVendor = Map.groupBy(events, ({ vendorId }) => vendorId);
    const results = await Promise.allSettled([...byVendor.values()].map(handleAll));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  const followings = (vendorIds ?? ['all' as const]).map((vendor) =>
    followOutcomes({
      ...options,
      durable: eventConsumersOf(system, vendor)[replay ? 1 : 0],
      onBatch,
    }),
  );
  const stop = async () => {
    stopping.abort();
    await Promise.all(followings.map((following) => following.stop()));
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
