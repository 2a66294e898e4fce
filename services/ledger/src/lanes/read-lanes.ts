import type pg from 'pg';
import type { LaneTitle } from '../process/ports.ts';

/** A lane as the table has it, with who holds it. */
export interface StoredLane extends LaneTitle {
  readonly owner: string | null;
  /** Milliseconds until the lease runs out; 0 if it has. */
  readonly leaseMs: number;
}

export interface LedgerState {
  readonly lanes: readonly StoredLane[];
  readonly storedLanes: number;
  readonly timeZone: string;
  /** Ledger processes that live. */
  readonly processes: readonly string[];
}

type Row = Record<'epoch' | 'cursor_seq' | 'lease_ms' | 'published_seq', string> & {
  lane: number;
  owner: string | null;
  stream_epoch: number;
  cursor_message_id: string | null;
  cursor_time_ms: string | null;
  published_epoch: number;
  published_at_ms: string | null;
};

const LANES = `SELECT lane, owner, epoch, stream_epoch, cursor_seq, cursor_message_id, cursor_time_ms, published_epoch,
    published_seq, (extract(epoch FROM nullif(published_at, '-infinity')) * 1000)::bigint AS published_at_ms,
    greatest(0, extract(epoch FROM nullif(lease_until, '-infinity') - clock_timestamp()) * 1000)::int AS lease_ms
  FROM ledger.lanes ORDER BY lane`;

/** Who owns what, how far each lane is, and what is stored. Within a transaction, what it holds. */
export async function readLedgerState(db: Pick<pg.Pool | pg.ClientBase, 'query'>): Promise<LedgerState> {
  const lanes = await db.query<Row>(LANES);
  const settings = await db.query<{ name: string; value: string }>('SELECT name, value FROM ledger.settings');
  const living = await db.query<{ process_id: string }>(
    'SELECT process_id FROM ledger.processes WHERE lease_until > clock_timestamp() ORDER BY process_id',
  );
  const stored = new Map(settings.rows.map(({ name, value }) => [name, value]));
  return {
    lanes: lanes.rows.map(toLane),
    storedLanes: Number(stored.get('lanes') ?? 0),
    timeZone: stored.get('business_timezone') ?? '',
    processes: living.rows.map(({ process_id }) => process_id),
  };
}

const toLane = (row: Row): StoredLane => ({
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
  owner: row.owner,
  leaseMs: Number(row.lease_ms ?? 0),
});
