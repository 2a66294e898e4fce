import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

interface Options {
  readonly reader: Reader;
  readonly vendorId: number;
  readonly streamEpoch: number;
  /** The log was compared up to here. */
  readonly comparedSeq: number;
}

/** The newest head, wherever this audit began: `--since` begins at an older one. */
const NEWEST_HEAD = `SELECT h.seq, c.run_id FROM reconciler.heads h JOIN reconciler.checkpoints c USING (checkpoint_id)
  WHERE h.vendor_id = $1 ORDER BY h.checkpoint_id DESC LIMIT 1`;

/**
 * A vendor in which a later audit found something stayed where it was while the log was compared: its rows from before that
 * audit are rightly there.
 */
const LEFT_BEHIND = 'SELECT FROM reconciler.findings WHERE vendor_id = $1 AND run_id > $2 LIMIT 1';

const BACKDATED = `SELECT seq, id, message_id, stream_seq FROM ledger.transactions
  WHERE vendor_id = $1 AND seq > $2 AND stream_epoch = $3 AND stream_seq <= $4 ORDER BY seq LIMIT 20`;

/** Rows that came after the last audit and yet name a command from before it: nobody had decided that one then. */
export async function findBackdated(options: Options): Promise<NewFinding[]> {
  const { reader, vendorId, streamEpoch, comparedSeq } = options;
  const [head] = await reader.query<{ seq: string; run_id: string }>(NEWEST_HEAD, [vendorId]);
  const leftBehind = await reader.query(LEFT_BEHIND, [vendorId, head?.run_id ?? 0]);
  if (leftBehind.length > 0) return [];
  const rows = await reader.query<{ seq: string; id: string; message_id: string; stream_seq: string }>(
    BACKDATED,
    [vendorId, head?.seq ?? 0, streamEpoch, comparedSeq],
  );
  return rows.map((row) =>
    finding({
      check: 'exactly-once',
      message: `a new outcome (${row.message_id}) names a command that was compared before and had none`,
      vendorId,
      seq: Number(row.seq),
      transactionId: row.id,
      expected: `a place after ${comparedSeq}`,
      found: row.stream_seq,
    }),
  );
}
