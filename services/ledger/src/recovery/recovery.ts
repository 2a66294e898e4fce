import { laneOf } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Command } from '../domain/command.ts';
import { AGAIN_MS } from '../lanes/announce-again.ts';
import type { CommandLog, Cursor, LaneTitle } from '../process/ports.ts';
import type { Recovery } from '../process/process-options.ts';
import type { LaneMark, LaneMarks } from './lane-marks.ts';
import { type Announced, LostTail } from './lost-tail.ts';

/** Clocks of PostgreSQL and NATS may differ by so much. */
export const SLACK_MS = 10_000;
/** Servers of one cluster agree on the time to so much, each of which stores what another had stored before. */
const CLUSTER_SLACK_MS = 1_000;
/** Announced outcomes of a lost tail held in memory, about 60 bytes each. */
const LIMIT = 5_000_000;

/** The database was restored to a time from which the log no longer holds every command. */
export class GapInLogError extends Error {
  override name = 'GapInLogError';
}

/** LEDGER_EVENTS, as a record of what was decided. */
export interface AnnouncedHistory {
  /** The first and the last sequence; the last is 0 if there is none. */
  span(): Promise<Span>;
  /** Pages of events, the newest first, back to an instant by the stream's clock. */
  backTo(sinceMs: number, span: Span): AsyncIterable<readonly Announced[]>;
  /** When the newest of what was announced there before an instant was decided; null if there is nothing. */
  newestBefore(storedMs: number): Promise<number | null>;
}

interface Parts {
  readonly marks: LaneMarks;
  readonly log: CommandLog;
  readonly events: AnnouncedHistory;
  readonly lanes: number;
  readonly logger: Logger;
  /** Called when the database lacks what was announced. */
  readonly wentBack: () => void;
  /** Announced outcomes of a lost tail to hold in memory at most; LIMIT unless given. */
  readonly limit?: number;
}

/**
 * Notices that the database went back, restored to an earlier time or replaced by a replica that lacked the end: then
 * something was announced that lies beyond a lane's cursor. What follows the cursor is decided as it was decided before
 * (docs/adr/0009).
 */
export class LostTailRecovery implements Recovery {
  readonly #parts: Parts;
  readonly #tails = new Map<number, LostTail>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async compare(titles: readonly LaneTitle[]): Promise<void> {
    const { log, events } = this.#parts;
    for (const { lane } of titles) this.#tails.delete(lane);
    // In this order: what was announced by then was committed before, so the marks are behind it only if they went back.
    const untilSeq = await log.lastSeq();
    const span = await events.span();
    const marks = await this.#parts.marks.read();
    const publishedAt = Math.min(...marks.map(({ publishedAtMs }) => publishedAtMs));
    const found = await this.#readEvents(marks, Math.max(0, publishedAt - SLACK_MS), span);
    if (found.lost > 0) {
      await this.#refuseGap(marks, found);
      await this.#parts.marks.replay(lanesToMark(marks, found), { untilSeq, aliveMs: found.aliveMs });
    }
    await this.#begin(titles, found);
    await this.#parts.marks.compared(titles);
  }

  asOf = (lane: number, command: Command): number | undefined => this.#tails.get(lane)?.asOf(command);

  /** By the log's clock, which is the stream's: what the stream has stored since it lost its end does not count. */
  async announcedBefore({ timeMs }: Cursor): Promise<number> {
    const cursorMs = timeMs ?? 0;
    return Math.max((await this.#parts.events.newestBefore(cursorMs)) ?? 0, cursorMs - AGAIN_MS);
  }

  isReplaying({ lane, cursor }: LaneTitle): boolean {
    const tail = this.#tails.get(lane);
    return tail !== undefined && cursor.seq < tail.untilSeq;
  }

  passed(lane: number, seq: number): void {
    const tail = this.#tails.get(lane);
    if (tail && seq >= tail.untilSeq) this.#tails.delete(lane);
  }

  /**
   * What the log stored before a command that the database has decided is older than its end, and so are events of that
   * time: none of them can be lost. Only if one of the newer ones is, all are read back to the last that is not, however
   * many older ones were sent again behind it. While some lane is not through with what was lost, those of the others may
   * have been followed by any number of new ones.
   */
  async #readEvents(marks: readonly LaneMark[], sinceMs: number, span: Span): Promise<Found> {
    const { events, lanes, limit = LIMIT } = this.#parts;
    const markOf = new Map(marks.map((mark) => [mark.lane, mark]));
    const found: Found = { byLane: new Map(), aliveMs: 0, lost: 0 };
    const underWay = isUnderWay(marks);
    const decidedMs = Math.max(...marks.map(({ cursorTimeMs }) => cursorTimeMs)) - CLUSTER_SLACK_MS;
    for await (const page of events.backTo(sinceMs, span)) {
      for (const event of page) {
        found.aliveMs = Math.max(found.aliveMs, event.decidedAtMs);
        const lane = laneOf(event.vendorId, lanes);
        if (!isBeyond(event, markOf.get(lane))) continue;
        if (++found.lost > limit)
          throw new Error(`more than ${limit} announced outcomes are not in the database`);
        const announced = found.byLane.get(lane) ?? [];
        announced.push(event);
        found.byLane.set(lane, announced);
      }
      const isOld = page.some(({ storedMs }) => storedMs < decidedMs);
      if (found.lost === 0 && !underWay && isOld) break;
    }
    return found;
  }

  /** What the log trimmed was audited in a database that is no more: without it the books would differ from then on. */
  async #refuseGap(marks: readonly LaneMark[], found: Found): Promise<void> {
    const firstSeq = await this.#parts.log.firstSeq();
    for (const { lane, cursorSeq } of marks) {
      if (found.byLane.has(lane) && cursorSeq + 1 < firstSeq)
        throw new GapInLogError(
          `lane ${lane} was decided up to ${cursorSeq} when the database was copied, and the log begins at ` +
            `${firstSeq}: restore a later state`,
        );
    }
  }

  async #begin(titles: readonly LaneTitle[], found: Found): Promise<void> {
    const { marks, logger, wentBack } = this.#parts;
    const ours = new Set(titles.map(({ lane }) => lane));
    let outcomes = 0;
    for (const { lane, cursorSeq, replayUntil, aliveMs } of await marks.read()) {
      if (!ours.has(lane) || replayUntil <= cursorSeq) continue;
      const tail = new LostTail(replayUntil, aliveMs);
      for (const event of found.byLane.get(lane) ?? []) tail.add(event);
      this.#tails.set(lane, tail);
      outcomes += tail.size;
    }
    if (outcomes === 0) return;
    wentBack();
    logger.error({ outcomes }, 'the database went back: deciding what it lost as it was decided before');
  }
}

interface Span {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

interface Found {
  /** Announced, and not in the database. */
  readonly byLane: Map<number, Announced[]>;
  aliveMs: number;
  lost: number;
}

const isBeyond = ({ streamEpoch, streamSeq }: Announced, mark: LaneMark | undefined): boolean =>
  mark !== undefined && streamEpoch === mark.streamEpoch && streamSeq > mark.cursorSeq;

const isUnderWay = (marks: readonly LaneMark[]): boolean =>
  marks.some(({ replayUntil, cursorSeq }) => replayUntil > cursorSeq);

/** The first to notice marks all lanes: also those of which nothing was announced. What is marked already is not lost anew. */
function lanesToMark(marks: readonly LaneMark[], { byLane }: Found): number[] {
  const isNew = marks.some(({ lane, replayUntil }) =>
    byLane.get(lane)?.some(({ streamSeq }) => streamSeq > replayUntil),
  );
  return isNew ? marks.map(({ lane }) => lane) : [];
}
