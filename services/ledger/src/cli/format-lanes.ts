import type { LedgerState, StoredLane } from '../lanes/read-lanes.ts';

/** A table of the lanes, or the same as JSON. `end` is the log's last sequence. */
export function formatStatus(state: LedgerState, end: number, json: boolean): string {
  const { lanes, storedLanes, timeZone, processes } = state;
  if (json)
    return JSON.stringify({ stored_lanes: storedLanes, log_last_seq: end, processes, lanes }, null, 2);
  return [
    `${storedLanes} lanes, business days of ${timeZone || '(none stored)'}; the log ends at ${end}`,
    `${processes.length} ledger processes${processes.length === 0 ? '' : `: ${processes.join(', ')}`}`,
    '',
    row(['lane', 'behind', 'cursor', 'epoch', 'stream', 'published', 'lease', 'owner']),
    ...lanes.map((lane) => row(cells(lane, end))),
  ].join('\n');
}

function cells(
  { lane, epoch, streamEpoch, cursor, published, owner, leaseMs }: StoredLane,
  end: number,
): string[] {
  // Messages of all lanes: idle ones follow every now and then.
  const behind = end - cursor.seq;
  return [
    String(lane),
    behind < 0 ? 'ahead!' : String(behind),
    String(cursor.seq),
    String(epoch),
    String(streamEpoch),
    `${published.streamEpoch}/${published.streamSeq}`,
    owner === null ? '-' : leaseMs > 0 ? `${(leaseMs / 1_000).toFixed(1)} s` : 'out',
    owner ?? 'free',
  ];
}

const WIDTHS = [4, 8, 12, 7, 7, 14, 7];
const row = (texts: readonly string[]): string =>
  texts.map((text, index) => text.padStart(WIDTHS[index] ?? 0)).join('  ');
