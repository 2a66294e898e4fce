import type { Logger } from '@b2b-charge/runtime';
import type { Transaction } from '../domain/transaction.ts';
import type { LaneTitle } from '../process/ports.ts';
import type { UnpublishedReader } from '../store/unpublished.ts';
import { type LaneFeed, placeOf } from './lane-feed.ts';

/** Events of a lane between two lines in the log. */
const TELL_EVERY = 50_000;
const LONGEST_PAUSE_MS = 5_000;

interface Parts {
  readonly unpublished: UnpublishedReader;
  readonly logger: Logger;
  /** Whether the lane is still this feed's. */
  isOurs(): boolean;
}

/**
 * A lane's events that are in the table alone, in order: what is unpublished up to its cursor, then what the feed could not
 * hold meanwhile, and so on until it could. Whatever fails is tried again from where it failed.
 */
export async function* catchUp(
  title: LaneTitle,
  feed: LaneFeed,
  { unpublished, logger, isOurs }: Parts,
): AsyncIterable<Transaction> {
  const { lane } = title;
  let rest = title;
  let events = 0;
  for (let delayMs = 100; isOurs(); ) {
    try {
      for await (const transaction of unpublished.read(rest)) {
        yield transaction;
        if (!isOurs()) return;
        rest = { ...rest, published: placeOf(transaction) };
        if (++events % TELL_EVERY === 0) logger.info(progress(transaction), 'publishing older events');
      }
      if (!feed.missed) break;
      const { streamEpoch, streamSeq } = feed.missed;
      feed.missed = null;
      rest = { ...rest, streamEpoch, cursor: { seq: streamSeq, messageId: null, timeMs: null } };
    } catch (error) {
      logger.warn({ err: error, lane }, 'could not read the unpublished events; trying again');
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      delayMs = Math.min(delayMs * 2, LONGEST_PAUSE_MS);
    }
  }
  if (events > 0) logger.info({ lane, events }, 'older events are on their way');

  function progress({ createdAtMs }: Transaction) {
    return { lane, events, up_to: new Date(createdAtMs).toISOString() };
  }
}
