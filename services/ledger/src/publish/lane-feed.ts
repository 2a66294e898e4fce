import type { Subjects } from '@b2b-charge/contracts';
import type { Transaction } from '../domain/transaction.ts';
import type { PublishedMark } from '../process/ports.ts';

export interface FeedEvent {
  readonly subject: string;
  readonly id: string;
  readonly payload: Uint8Array;
  readonly place: PublishedMark;
  readonly feed: LaneFeed;
  sentAtMs: number;
  acked: boolean;
}

/** A lane's events in the order of its chain positions. */
export interface LaneFeed {
  mark: PublishedMark;
  /** Sent, or waiting for the window; the first is the oldest without an acknowledgement. */
  readonly unacked: FeedEvent[];
  /** Committed by this process while older ones are still being read from the table. */
  held: FeedEvent[] | null;
  /** Too many to be held: what was committed up to here is read from the table, too. */
  missed: PublishedMark | null;
}

export const placeOf = ({ streamEpoch, streamSeq, createdAtMs }: Transaction): PublishedMark => ({
  streamEpoch,
  streamSeq,
  atMs: createdAtMs,
});

export function eventOf(
  subjects: Subjects,
  feed: LaneFeed,
  { transaction: t, payload }: { transaction: Transaction; payload: Uint8Array },
): FeedEvent {
  const kind = `${t.type}-${t.status}`;
  return {
    subject: subjects.event(t.vendorId, kind),
    id: t.id,
    payload,
    place: placeOf(t),
    feed,
    sentAtMs: 0,
    acked: false,
  };
}

/** Moves a lane's mark over what is acknowledged without a gap. */
export function advance(feed: LaneFeed): void {
  let done = 0;
  while (feed.unacked[done]?.acked) done++;
  if (done === 0) return;
  feed.mark = feed.unacked[done - 1]!.place;
  feed.unacked.splice(0, done);
}
