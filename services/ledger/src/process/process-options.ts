import type { Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Command } from '../domain/command.ts';
import type { CommittedBatch } from './commit-batch.ts';
import type { CommandLog, Cursor, LaneTitle, LedgerStore, PublishedMark } from './ports.ts';

/** Time as the process sees it; the simulator brings its own. */
export interface Clock {
  now(): number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Who is told of what was committed. */
export interface Announcer {
  /** A lane was taken over, or its mark went back: events behind it are still to be published. */
  open(title: LaneTitle): void;
  close(lane: number): void;
  committed(batch: CommittedBatch): void;
  /** How far a lane's events are out; what the title said if the lane is unknown. */
  published(title: LaneTitle): PublishedMark;
  /** Undefined if there is room for another batch; else resolves when there is. */
  room(): Promise<void> | undefined;
}

/** Whether the database is the one whose decisions were announced, and what to do if it lost the last of them. */
export interface Recovery {
  /** Lanes were taken over: compares them before anything on them is decided. */
  compare(titles: readonly LaneTitle[]): Promise<void>;
  /** When a command was decided before the database lost it, ms; undefined: it is decided now. */
  asOf(lane: number, command: Command): number | undefined;
  /**
   * Time of the newest decision, ms, whose event the stream still holds of what it held when the log stored the cursor's
   * command: what was decided later may be announced nowhere any more.
   */
  announcedBefore(cursor: Cursor): Promise<number>;
  /** True until everything on the lane is decided again that the database had lost. */
  isReplaying(title: LaneTitle): boolean;
  /** Everything on the lane is decided up to there. */
  passed(lane: number, seq: number): void;
}

export interface ProcessOptions {
  readonly store: LedgerStore;
  readonly log: CommandLog;
  readonly recovery: Recovery;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly subjects: Subjects;
  readonly lanes: number;
  /** Derives the salt of a phone number whose publisher sent none; the same in every process. */
  readonly phoneSaltKey: Buffer;
  readonly timeZone: string;
  readonly batchLimit: number;
  /** Between two renewals of the leases; a third of the lease or less. */
  readonly renewEveryMs: number;
  /** Between two looks at the log for a rollback or a stalled reader. */
  readonly inspectEveryMs: number;
  observe?(event: ProcessEvent): void;
}

export type ProcessEvent =
  | { kind: 'batch'; size: number; durationMs: number }
  | { kind: 'claimed' | 'lost' | 'released' | 'rolled-back'; lane: number }
  | { kind: 'stalled' }
  | { kind: 'database-went-back' }
  | { kind: 'fault'; error: unknown };
