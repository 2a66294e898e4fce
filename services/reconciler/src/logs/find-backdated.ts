import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

interface Options {
  readonly reader: Reader;
  readonly vendorId: number;
  /** Rows after this one are new since the last audit. */
  readonly afterVendorSeq: number;
  readonly streamEpoch: number;
  /** The log was compared up to here. */
  readonly comparedSeq: number;
}

/** A vendor that the last audit left as it was has rows from before it, rightly. */
const LEFT_BEHIND = `SELECT FROM reconciler.findings
  WHERE vendor_id = $1 AND run_id = (
    SELECT max(run_id) FROM reconciler.runs WHERE vendor_id IS NULL AND report IS NOT NULL)`;

const BACKDATED = `SELECT seq, id, message_id, stream_seq FROM ledger.transactions
  WHERE vendor_id = $1 AND seq > $2 AND stream_epoch = $3 AND stream_seq <= $4 ORDER BY seq LIMIT 20`;

/** Rows that came after the last audit and yet name a command from before it: nobody had decided that one then. */
export async function findBackdated(options: Options): Promise<NewFinding[]> {
  const { reader, vendorId, afterVendorSeq, streamEpoch, comparedSeq } = options;
  const leftBehind = await reader.query(LEFT_BEHIND, [vendorId]);
  if (leftBehind.length > 0) return [];
  const rows = await reader.query<{ seq: string; id: string; message_id: string; stream_seq: string }>(
    BACKDATED,
    [vendorId, afterVendorSeq, streamEpoch, comparedSeq],
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
