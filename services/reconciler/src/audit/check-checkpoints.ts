import type { Checkpoint } from '@b2b-charge/contracts';
import { type CheckpointSums, parseCheckpointStatement } from '../domain/checkpoint-statement.ts';
import { finding, LISTED, type NewFinding, orMore } from '../domain/finding.ts';
import type { Keys } from '../keys/signing-key.ts';
import { checkpointsAfter, latestCheckpoint, openSums, statementHash } from '../store/checkpoints.ts';
import { digestNewest, digestOf } from '../store/heads.ts';
import type { Reader } from './snapshot.ts';

export interface CheckpointCheck {
  readonly latest: Checkpoint | null;
  /** What its commitment opens to; null without a checkpoint, or if nothing opens it. */
  readonly sums: CheckpointSums | null;
  readonly findings: readonly NewFinding[];
}

/**
 * Whether the auditor's own memory is what it signed: the newest checkpoint, the copy published, and, `withRoot`, the
 * heads of all vendors. For one vendor's sake that would cost too much.
 */
export async function checkLatest(
  reader: Reader,
  keys: Keys,
  published: Checkpoint | null,
  withRoot: boolean,
): Promise<CheckpointCheck> {
  const latest = await latestCheckpoint(reader);
  const findings: NewFinding[] = [];
  if (published && (latest?.checkpoint_id ?? 0) < published.checkpoint_id) {
    findings.push(
      wrong(
        'checkpoints that were published are gone',
        published.checkpoint_id,
        latest?.checkpoint_id ?? 'none',
      ),
    );
  }
  if (
    published &&
    latest?.checkpoint_id === published.checkpoint_id &&
    latest.statement !== published.statement
  ) {
    findings.push(
      wrong('the checkpoint is not the one that was published', published.statement, latest.statement),
    );
  }
  if (latest) {
    findings.push(...checkSignature(latest, keys));
    if (withRoot) findings.push(...(await checkRoot(reader, latest)));
  }
  const sums = latest && (await sumsOf(reader, latest));
  if (latest && !sums)
    findings.push(
      wrong(`the sums of checkpoint ${latest.checkpoint_id} were changed`, 'what was signed', 'other sums'),
    );
  return { latest, sums, findings };
}

/** The sums that the statement of a checkpoint commits to; null if what is stored does not open it. */
export async function sumsOf(
  reader: Reader,
  { checkpoint_id: id, statement }: Checkpoint,
): Promise<CheckpointSums | null> {
  const facts = parseCheckpointStatement(statement);
  return facts && openSums(reader, id, facts.sums);
}

async function checkRoot(reader: Reader, { statement }: Checkpoint): Promise<NewFinding[]> {
  const facts = parseCheckpointStatement(statement);
  const { root } = await digestNewest(reader);
  if (!facts || facts.root === root) return [];
  return [wrong('the heads are not those of the newest checkpoint', facts.root, root)];
}

export function checkSignature(checkpoint: Checkpoint, keys: Keys): NewFinding[] {
  const { checkpoint_id: id, statement, key_id: keyId, signature } = checkpoint;
  if (!keys.verify(keyId, statement, Buffer.from(signature, 'base64'))) {
    return [
      wrong(
        `checkpoint ${id} has no valid signature of ours`,
        'a signature by a trusted key',
        `key ${keyId}`,
      ),
    ];
  }
  const facts = parseCheckpointStatement(statement);
  if (facts?.number === id) return [];
  return [wrong(`checkpoint ${id} bears another's statement`, id, facts?.number ?? 'no statement')];
}

const PAGE = 100;

/**
 * All checkpoints still kept, for a full audit: each signed, each naming the one before, and each younger than
 * `historySince` with the heads it was made of.
 */
export async function checkHistory(
  reader: Reader,
  keys: Keys,
  historySince: Date,
): Promise<readonly NewFinding[]> {
  const findings: NewFinding[] = [];
  let before: Checkpoint | null = null;
  while (true) {
    const page: Checkpoint[] = await checkpointsAfter(reader, before?.checkpoint_id ?? 0, PAGE);
    for (const checkpoint of page) {
      findings.push(...checkSignature(checkpoint, keys));
      const facts = parseCheckpointStatement(checkpoint.statement);
      if (facts && facts.previous !== statementHash(before)) {
        findings.push(
          wrong(
            `checkpoint ${checkpoint.checkpoint_id} does not follow the one before it`,
            facts.previous,
            statementHash(before),
          ),
        );
      }
      if (facts && new Date(checkpoint.taken_at) >= historySince) {
        const { root } = await digestOf(reader, checkpoint.checkpoint_id);
        if (root !== facts.changes) {
          findings.push(
            wrong(`the heads of checkpoint ${checkpoint.checkpoint_id} were changed`, facts.changes, root),
          );
        }
      }
      before = checkpoint;
    }
    if (page.length < PAGE) return findings;
  }
}

const OLD_HEADS = `SELECT h.vendor_id, h.seq, h.checkpoint_id, encode(h.hash, 'hex') AS expected,
    encode(t.hash, 'hex') AS found, t.id
  FROM reconciler.heads h LEFT JOIN ledger.transactions t ON t.vendor_id = h.vendor_id AND t.seq = h.seq
  WHERE h.seq > 0 AND (t.hash IS DISTINCT FROM h.hash OR t.balance_after <> h.balance)
  ORDER BY h.vendor_id, h.seq LIMIT ${LISTED}`;

/** History rewritten below an old checkpoint, hashes and all, no longer has that checkpoint's hash at its place. */
export async function checkOldHeads(reader: Reader): Promise<NewFinding[]> {
  const rows = await reader.query<{
    vendor_id: number;
    seq: string;
    checkpoint_id: string;
    expected: string;
    found: string | null;
    id: string | null;
  }>(OLD_HEADS);
  const found = rows.map((row) =>
    finding({
      check: 'append-only',
      message: `transaction ${row.seq} is not the one that checkpoint ${row.checkpoint_id} vouches for`,
      vendorId: row.vendor_id,
      seq: Number(row.seq),
      transactionId: row.id,
      expected: row.expected,
      found: row.found ?? 'nothing',
    }),
  );
  return orMore(found);
}

const wrong = (message: string, expected: string | number, found: string | number): NewFinding =>
  finding({ check: 'checkpoint', message, expected, found });
