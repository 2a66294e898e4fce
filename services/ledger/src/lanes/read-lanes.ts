import type pg from 'pg';
import type { LaneTitle } from '../process/ports.ts';
import { type TitleRow, toTitle } from '../store/title-rows.ts';

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

interface Row extends TitleRow {
  owner: string | null;
  lease_ms: number;
}

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
  ...toTitle(row),
  owner: row.owner,
  leaseMs: row.lease_ms,
});
