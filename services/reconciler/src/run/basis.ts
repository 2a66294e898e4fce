import type { Checkpoint } from '@b2b-charge/contracts';
import { checkLatest } from '../audit/check-checkpoints.ts';
import type { Reader } from '../audit/snapshot.ts';
import type { NewFinding } from '../domain/finding.ts';
import type { AuditTools } from './audit-tools.ts';

/** Where an audit begins. */
export interface Basis {
  readonly full: boolean;
  /** The newest checkpoint that is what was signed; else the one published, which stays the witness. */
  readonly latest: Checkpoint | null;
  readonly checkpointId: number;
  /** What came about before was audited by then; null: everything is looked at. */
  readonly since: Date | null;
  readonly findings: readonly NewFinding[];
}

/** Created rows may be committed a little later than they say: so much is looked at twice. */
const OVERLAP_MS = 600_000;

/** At a checkpoint that is still what was signed, else at genesis. */
export async function findBasis(
  reader: Reader,
  { keys, published }: Pick<AuditTools, 'keys' | 'published'>,
  wanted: { mode: 'incremental' | 'full'; vendorId: number | null; since?: Date | null | undefined },
): Promise<Basis> {
  if (!keys) return { full: true, latest: null, checkpointId: 0, since: null, findings: [] };
  const witness = await published();
  const { latest, findings } = await checkLatest(reader, keys, witness, wanted.vendorId === null);
  const checkpointId = latest?.checkpoint_id ?? 0;
  const trusted = latest !== null && findings.length === 0;
  const fromGenesis = { full: true, latest: trusted ? latest : witness, checkpointId, since: null, findings };
  if (!trusted || wanted.mode === 'full') return fromGenesis;
  const start = wanted.since ? await newestBefore(reader, wanted.since) : latest;
  if (!start) return fromGenesis;
  const since = new Date(new Date(start.taken_at).getTime() - OVERLAP_MS);
  return { full: false, latest, checkpointId: start.checkpoint_id, since, findings };
}

async function newestBefore(reader: Reader, time: Date) {
  const [row] = await reader.query<{ checkpoint_id: string; taken_at: Date }>(
    `SELECT checkpoint_id, taken_at FROM reconciler.checkpoints WHERE taken_at <= $1
     ORDER BY checkpoint_id DESC LIMIT 1`,
    [time],
  );
  return row && { checkpoint_id: Number(row.checkpoint_id), taken_at: row.taken_at };
}
