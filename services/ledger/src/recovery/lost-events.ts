import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@b2b-charge/runtime';
import type { Msg } from '@nats-io/transport-node';
import { AGAIN_MS, type Wanted } from '../lanes/announce-again.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import type { AnnouncedEvents } from './announced-events.ts';
import { SLACK_MS } from './recovery.ts';

/** An event as the stream acknowledged it. */
export interface StoredEvent {
  readonly seq: number;
  readonly id: string;
  readonly decidedAtMs: number;
}

/** An event that was sent, and JetStream's answer. */
export interface Acknowledged {
  readonly event: { readonly id: string; readonly place: PublishedMark };
  readonly message: Msg;
}

export const storedAs = ({ event: { id, place }, message }: Acknowledged): StoredEvent => ({
  seq: message.json<{ seq: number }>().seq,
  id,
  decidedAtMs: place.atMs ?? 0,
});

/** Before it is believed that anything is gone one looks once more: a server of a cluster may have been catching up. */
export const ONCE_MORE_MS = 1_000;

interface Parts {
  /** The first and the last event that the stream has acknowledged to this process since this was asked. */
  readonly stored: () => readonly StoredEvent[];
  /** The lanes of this process. */
  readonly lanes: () => readonly LaneTitle[];
  readonly events: Pick<AnnouncedEvents, 'holds' | 'newestBefore'>;
  /** Has the lanes' events published again; returns the lanes. */
  readonly announceAgain: (wanted: Wanted) => Promise<number[]>;
  /** Waits ONCE_MORE_MS unless given. */
  readonly pause?: () => Promise<void>;
  readonly processId: string;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * The look that notices what the stream lost of events while the command log is whole: it does not hold any more what it has
 * acknowledged. Then this process's lanes are announced again, from the newest event of that time that is left.
 */
export function noticeLostEvents(parts: Parts) {
  const { stored, lanes, events, processId, logger, pause = () => sleep(ONCE_MORE_MS) } = parts;
  let known: StoredEvent[] = [];
  let streamEpochs = new Map<number, number>();
  return async (): Promise<void> => {
    const all = [...known, ...stored()];
    // After a look that failed these are the first and the last since the one before.
    known = all.length > 2 ? [all[0]!, all.at(-1)!] : all;
    for (const event of all) if (!(await isHeld(event))) return announceSince(event);
    known = all.slice(-1);
    streamEpochs = new Map(lanes().map(({ lane, streamEpoch }) => [lane, streamEpoch]));
  };

  async function isHeld(event: StoredEvent): Promise<boolean> {
    if (await events.holds(event)) return true;
    await pause();
    return events.holds(event);
  }

  async function announceSince({ seq, decidedAtMs }: StoredEvent): Promise<void> {
    // Of that time: what the stream has stored since it lost its end does not count.
    const heldTo = await events.newestBefore(decidedAtMs - SLACK_MS);
    const sinceMs = Math.max(heldTo ?? 0, decidedAtMs - AGAIN_MS);
    // Where the command log went back, too, the lane's owner has seen to it (docs/adr/0017).
    const whole = lanes().filter(
      ({ lane, streamEpoch }) => streamEpoch === (streamEpochs.get(lane) ?? streamEpoch),
    );
    const held = { owner: processId, lanes: whole.map(({ lane }) => lane) };
    const moved = await parts.announceAgain({ sinceMs, held });
    known = [];
    if (moved.length === 0) return;
    const since = new Date(sinceMs).toISOString();
    logger.error({ lost: seq, since, lanes: moved }, 'the stream lost events: announcing them again');
  }
}
