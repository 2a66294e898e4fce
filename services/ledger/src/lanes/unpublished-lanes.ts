import { laneOf } from '@b2b-charge/contracts';
import type pg from 'pg';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import { createUnpublishedReader } from '../store/unpublished.ts';

/** Where the oldest event that is still to be published stands; null if all are out. */
export async function oldestUnpublished(
  pool: pg.Pool,
  lanes: readonly LaneTitle[],
): Promise<PublishedMark | null> {
  const inUse = await lanesInUse(pool, lanes.length);
  const reader = createUnpublishedReader(pool, lanes.length);
  let oldest: PublishedMark | null = null;
  for (const title of lanes) {
    // A lane without a vendor has no mark, and nothing to publish.
    if (!inUse.has(title.lane)) continue;
    for await (const { streamEpoch, streamSeq, createdAtMs: atMs } of reader.read(title)) {
      oldest = earlier(oldest, { streamEpoch, streamSeq, atMs });
      break;
    }
  }
  return oldest;
}

async function lanesInUse(pool: pg.Pool, lanes: number): Promise<Set<number>> {
  const { rows } = await pool.query<{ vendor_id: number }>('SELECT vendor_id FROM ledger.vendors');
  return new Set(rows.map(({ vendor_id }) => laneOf(vendor_id, lanes)));
}

function earlier(a: PublishedMark | null, b: PublishedMark): PublishedMark {
  if (!a) return b;
  const isLater =
    b.streamEpoch > a.streamEpoch || (b.streamEpoch === a.streamEpoch && b.streamSeq > a.streamSeq);
  const [{ streamEpoch, streamSeq }] = isLater ? [a] : [b];
  return { streamEpoch, streamSeq, atMs: Math.min(a.atMs!, b.atMs!) };
}
