import { hash, randomBytes } from 'node:crypto';
import type { Checkpoint } from '@b2b-charge/contracts';
import type { Reader } from '../audit/snapshot.ts';
import { readerOf } from '../audit/snapshot.ts';
import {
  type CheckpointSums,
  checkpointStatement,
  parseSums,
  sumsCommitment,
  sumsText,
} from '../domain/checkpoint-statement.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import { digestNewest, digestOf } from './heads.ts';
import type { Tx } from './transaction.ts';

interface Row {
  checkpoint_id: string;
  taken_at: Date;
  statement: string;
  key_id: string;
  signature: Buffer;
}

const COLUMNS = 'checkpoint_id, taken_at, statement, key_id, signature';

const toCheckpoint = (row: Row): Checkpoint => ({
  checkpoint_id: Number(row.checkpoint_id),
  taken_at: row.taken_at.toISOString(),
  statement: row.statement,
  key_id: row.key_id,
  signature: row.signature.toString('base64'),
});

export async function latestCheckpoint(reader: Reader): Promise<Checkpoint | null> {
  const [row] = await reader.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.checkpoints ORDER BY checkpoint_id DESC LIMIT 1`,
  );
  return row ? toCheckpoint(row) : null;
}

/** The newest one that was taken at a time or before. */
export async function checkpointBefore(reader: Reader, time: Date): Promise<Checkpoint | null> {
  const [row] = await reader.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.checkpoints WHERE taken_at <= $1 ORDER BY checkpoint_id DESC LIMIT 1`,
    [time],
  );
  return row ? toCheckpoint(row) : null;
}

/** The checkpoint that a run took, if it took one. */
export async function checkpointOfRun(reader: Reader, runId: number): Promise<Checkpoint | null> {
  const [row] = await reader.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.checkpoints WHERE run_id = $1 ORDER BY checkpoint_id DESC LIMIT 1`,
    [runId],
  );
  return row ? toCheckpoint(row) : null;
}

/** Oldest first, after a given one. */
export async function checkpointsAfter(reader: Reader, after: number, limit: number): Promise<Checkpoint[]> {
  const rows = await reader.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.checkpoints WHERE checkpoint_id > $1 ORDER BY checkpoint_id LIMIT $2`,
    [after, limit],
  );
  return rows.map(toCheckpoint);
}

/** The sums behind a checkpoint's commitment; null if what is stored does not open it. Not for vendors. */
export async function openSums(
  reader: Reader,
  checkpointId: number,
  commitment: string,
): Promise<CheckpointSums | null> {
  const [row] = await reader.query<{ sums: string; salt: Buffer }>(
    'SELECT sums, salt FROM reconciler.checkpoints WHERE checkpoint_id = $1',
    [checkpointId],
  );
  return row && sumsCommitment(row.salt, row.sums) === commitment ? parseSums(row.sums) : null;
}

export const statementHash = (checkpoint: Checkpoint | null): string =>
  checkpoint ? hash('sha256', checkpoint.statement, 'hex') : '0'.repeat(64);

/** PostgreSQL was down meanwhile: what is unlogged is gone. The next run begins where this one did. */
export class StagedHeadsLostError extends Error {
  override name = 'StagedHeadsLostError';
}

/**
 * Makes a run's staged heads a signed checkpoint, in the run's last transaction. Null when nothing has changed: the one
 * before still says it all. Throws StagedHeadsLostError: the log must not count as compared further than the vendors.
 */
export async function takeCheckpoint(
  tx: Tx,
  {
    runId,
    key,
    takenAt,
    staged,
    currency,
    eventsSeq,
  }: {
    runId: number;
    key: SigningKey;
    takenAt: Date;
    staged: number;
    currency: string;
    /** LEDGER_EVENTS was compared up to here. */
    eventsSeq: number;
  },
): Promise<Checkpoint | null> {
  if (staged === 0) return null;
  const reader = readerOf(tx);
  const previous = await latestCheckpoint(reader);
  const number = (previous?.checkpoint_id ?? 0) + 1;
  await tx.query(`INSERT INTO reconciler.keys (key_id, public_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
    key.keyId,
    key.publicKey,
  ]);
  const kept = await tx.query(
    `INSERT INTO reconciler.heads
       (vendor_id, checkpoint_id, seq, balance, held, hash, charged_day, charged, added_all, taken_all, status, daily_limit)
     SELECT vendor_id, $2, seq, balance, held, hash, charged_day, charged, added_all, taken_all, status, daily_limit
     FROM reconciler.staged_heads WHERE run_id = $1`,
    [runId, number],
  );
  if (kept.rowCount !== staged)
    throw new StagedHeadsLostError(
      `of ${staged} staged heads ${kept.rowCount} are left: PostgreSQL was down meanwhile`,
    );
  const all = await digestNewest(reader);
  const changes = await digestOf(reader, number);
  const { vendors, transactions, balance } = all;
  const sums = sumsText({ vendors, transactions, balance, eventsSeq });
  const salt = randomBytes(32);
  const statement = checkpointStatement({
    number,
    takenAt: takenAt.toISOString(),
    sums: sumsCommitment(salt, sums),
    currency,
    root: all.root,
    changes: changes.root,
    previous: statementHash(previous),
  });
  const signature = key.sign(statement);
  await tx.query(
    `INSERT INTO reconciler.checkpoints (checkpoint_id, run_id, taken_at, sums, salt, statement, key_id, signature)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [number, runId, takenAt, sums, salt, statement, key.keyId, signature],
  );
  await tx.query('DELETE FROM reconciler.staged_heads WHERE run_id = $1', [runId]);
  return {
    checkpoint_id: number,
    taken_at: takenAt.toISOString(),
    statement,
    key_id: key.keyId,
    signature: signature.toString('base64'),
  };
}
