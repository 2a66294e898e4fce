import type { LaneTitle } from '../process/ports.ts';

/** A row of ledger.lanes as far as it makes a title; int8 as text. */
export interface TitleRow {
  lane: number;
  epoch: string;
  stream_epoch: number;
  cursor_seq: string;
  cursor_message_id: string | null;
  cursor_time_ms: string | null;
  published_epoch: number;
  published_seq: string;
  published_at_ms: string | null;
}

export const toTitle = (row: TitleRow): LaneTitle => ({
  lane: row.lane,
  epoch: Number(row.epoch),
  streamEpoch: row.stream_epoch,
  cursor: {
    seq: Number(row.cursor_seq),
    messageId: row.cursor_message_id,
    timeMs: row.cursor_time_ms === null ? null : Number(row.cursor_time_ms),
  },
  published: {
    streamEpoch: row.published_epoch,
    streamSeq: Number(row.published_seq),
    atMs: row.published_at_ms === null ? null : Number(row.published_at_ms),
  },
});
