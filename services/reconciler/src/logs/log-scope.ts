import { laneOf, type Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LogPart } from '../audit/audit-page.ts';
import type { Reader } from '../audit/snapshot.ts';

/** A lane of the ledger as the snapshot has it. */
export interface Lane {
  readonly lane: number;
  readonly streamEpoch: number;
  readonly cursorSeq: number;
  /** Commands of this lane up to here were compared by an earlier run. */
  readonly comparedSeq: number;
  readonly comparedBefore: boolean;
}

/** The part of the command log that a run compares with the books. */
export interface LogScope {
  readonly lanes: ReadonlyMap<number, Lane>;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Messages missing between the first and the last. */
  readonly holes: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Lanes that were read anew since the last audit, because the log had been rolled back. */
  readonly rolledBack: readonly number[];
  /** Up to here the log may be gone: compared by earlier runs, and trimmed by the reconciler itself. */
  readonly limits: { readonly auditedSeq: number; readonly trimmedSeq: number } | null;
  partOf(vendorId: number): LogPart;
  /**
   * The lane whose owner decides a command, by the lane that its subject names. What stands on no lane of the ledger, or on
   * one that it had before it was re-partitioned, is the business of lane 0. Undefined before the ledger's first start.
   */
  readerOf(lane: number | null): Lane | undefined;
}

interface ScopeOptions {
  readonly reader: Reader;
  /** Sees the present: what the reconciler trims, it writes down before. */
  readonly present: Reader;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly laneCount: number;
  readonly full: boolean;
}

/** Reads the lanes from the snapshot and the log's limits from NATS, and decides where to begin. */
export async function logScope(options: ScopeOptions): Promise<LogScope> {
  const { reader, present, nc, subjects, laneCount, full } = options;
  const rows = await reader.query<Record<string, string | number | null>>(
    `SELECT l.lane, l.stream_epoch, l.cursor_seq, p.stream_epoch AS p_epoch, p.seq AS p_seq
     FROM ledger.lanes l LEFT JOIN reconciler.log_positions p USING (lane) ORDER BY l.lane`,
  );
  const [audited] = await reader.query<{ seq: string }>('SELECT seq FROM reconciler.log_audited');
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const { state } = await manager.streams.info(subjects.streams.commands);
  const [now] = await present.query<{ seq: string; trimmed_seq: string }>(
    'SELECT seq, trimmed_seq FROM reconciler.log_audited',
  );
  // Of a log that never had a message the server says that it begins at 0.
  const firstSeq = Math.max(1, state.first_seq);
  const before = firstSeq - 1;
  const lanes = new Map<number, Lane>();
  const rolledBack: number[] = [];
  for (const row of rows) {
    const known = row.p_epoch !== null && Number(row.p_epoch) === Number(row.stream_epoch);
    // After a rollback of the log the lane was read again from its first message, and so it is compared again.
    if (!known && row.p_epoch !== null) rolledBack.push(Number(row.lane));
    lanes.set(Number(row.lane), {
      lane: Number(row.lane),
      streamEpoch: Number(row.stream_epoch),
      cursorSeq: Number(row.cursor_seq),
      comparedSeq: known && !full ? Math.max(before, Number(row.p_seq)) : before,
      comparedBefore: known && !full,
    });
  }
  const lane = (vendorId: number) => lanes.get(laneOf(vendorId, laneCount));
  return {
    lanes,
    firstSeq,
    lastSeq: state.last_seq,
    holes: state.num_deleted ?? 0,
    fromSeq:
      full || !audited || rolledBack.length > 0 ? firstSeq : Math.max(firstSeq, Number(audited.seq) + 1),
    toSeq: Math.max(0, ...[...lanes.values()].map((one) => one.cursorSeq)),
    rolledBack,
    readerOf: (named) => lanes.get(named ?? 0) ?? lanes.get(0),
    limits: now ? { auditedSeq: Number(now.seq), trimmedSeq: Number(now.trimmed_seq) } : null,
    partOf: (vendorId) => {
      const own = lane(vendorId);
      return {
        streamEpoch: own?.streamEpoch ?? 0,
        afterSeq: own?.comparedSeq ?? before,
        comparedBefore: own?.comparedBefore ?? false,
      };
    },
  };
}
