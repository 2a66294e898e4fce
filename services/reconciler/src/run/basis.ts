import type { Checkpoint } from '@b2b-charge/contracts';
import { checkLatest, checkSignature, sumsOf } from '../audit/check-checkpoints.ts';
import type { Reader } from '../audit/snapshot.ts';
import { parseCheckpointStatement } from '../domain/checkpoint-statement.ts';
import type { NewFinding } from '../domain/finding.ts';
import type { Keys } from '../keys/signing-key.ts';
import { checkpointBefore } from '../store/checkpoints.ts';
import type { AuditTools } from './audit-tools.ts';

/** Where an audit begins. */
export interface Basis {
  readonly full: boolean;
  /** The newest checkpoint that is what was signed; else the one published, which stays the witness. */
  readonly latest: Checkpoint | null;
  readonly checkpointId: number;
  /** What came about before was audited by then; null: everything is looked at. */
  readonly since: Date | null;
  /** LEDGER_EVENTS was compared up to here; 0: all of it is read. */
  readonly eventsSeq: number;
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
  if (!keys) return { full: true, latest: null, checkpointId: 0, since: null, eventsSeq: 0, findings: [] };
  const witness = await published();
  const { latest, sums, findings } = await checkLatest(reader, keys, witness, wanted.vendorId === null);
  const checkpointId = latest?.checkpoint_id ?? 0;
  const trusted = latest !== null && findings.length === 0;
  const fromGenesis = {
    ...{ full: true, latest: trusted ? latest : witness, checkpointId, since: null, eventsSeq: 0 },
    findings,
  };
  if (!trusted || wanted.mode === 'full') return fromGenesis;
  const start = wanted.since ? await trustedBefore(reader, keys, wanted.since) : { ...latest, sums };
  // By the signed statement: the columns beside it can be changed.
  const takenAt = start && parseCheckpointStatement(start.statement)?.takenAt;
  if (!takenAt || !start.sums) return fromGenesis;
  const since = new Date(Date.parse(takenAt) - OVERLAP_MS);
  const { checkpoint_id, sums: opened } = start;
  return {
    ...{ full: false, latest, checkpointId: checkpoint_id, since, findings },
    eventsSeq: opened.eventsSeq,
  };
}

/** The newest checkpoint before a time; null if there is none, or if it is not what was signed. */
async function trustedBefore(reader: Reader, keys: Keys, time: Date) {
  const checkpoint = await checkpointBefore(reader, time);
  if (!checkpoint || checkSignature(checkpoint, keys).length > 0) return null;
  return { ...checkpoint, sums: await sumsOf(reader, checkpoint) };
}
