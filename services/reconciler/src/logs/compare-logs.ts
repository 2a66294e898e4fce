import type { Subjects } from '@b2b-charge/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';
import { findCommandless } from './find-commandless.ts';
import { InTurn } from './in-turn.ts';
import type { LogScope } from './log-scope.ts';
import { matchBatch } from './match-batch.ts';
import { type LoggedCommand, readLog } from './read-log.ts';

export interface LogComparison {
  readonly commands: number;
  /** Every command up to here has been compared. */
  readonly auditedSeq: number;
  /** By vendor, the commands whose transaction stands at their very place. */
  readonly matched: ReadonlyMap<number, number>;
}

interface CompareOptions {
  /** Connections of one snapshot; each matches a batch at a time. */
  readonly readers: readonly Reader[];
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly scope: LogScope;
  readonly signal?: AbortSignal | undefined;
  readonly onFinding: (found: NewFinding) => void;
}

/** The log against the books: every command that was read has its one outcome. */
export async function compareLogs(options: CompareOptions): Promise<LogComparison> {
  const { readers, scope, onFinding } = options;
  for (const found of checkLimits(scope)) onFinding(found);
  const matchedOf = new Map<number, number>();
  let commands = 0;
  let undecided = Number.POSITIVE_INFINITY;
  const matching = new InTurn(readers.length);
  let turn = 0;
  await readLog({
    ...options,
    fromSeq: scope.fromSeq,
    toSeq: Math.min(scope.toSeq, scope.lastSeq),
    onBatch: async (batch) => {
      const due: LoggedCommand[] = [];
      for (const command of batch) {
        const lane = scope.readerOf(command.lane);
        if (!lane) continue;
        if (command.streamSeq > lane.cursorSeq) undecided = Math.min(undecided, command.streamSeq);
        else if (command.streamSeq > lane.comparedSeq) due.push(command);
      }
      commands += due.length;
      const reader = readers[turn++ % readers.length]!;
      await matching.run(async () => {
        const { findings, matched } = await matchBatch(reader, due, scope);
        for (const found of findings) onFinding(found);
        for (const vendorId of matched) matchedOf.set(vendorId, (matchedOf.get(vendorId) ?? 0) + 1);
      });
    },
  });
  await matching.end();
  const reached = Math.min(undecided - 1, Math.max(scope.toSeq, scope.fromSeq - 1));
  return { commands, auditedSeq: reached, matched: matchedOf };
}

interface Difference extends Pick<CompareOptions, 'nc' | 'subjects' | 'scope'> {
  readonly reader: Reader;
  readonly vendorId: number;
  /** Transactions of this vendor whose command should stand in the compared part of the log. */
  readonly inBooks: number;
  readonly matched: number;
  /** Whether to look for the rows, which takes a question to the log for each. */
  readonly lookUp: boolean;
}

/** Every outcome has its command: names those that have none when the numbers of a vendor differ. */
export async function explainDifference(difference: Difference): Promise<NewFinding[]> {
  const { scope, vendorId, inBooks, matched, lookUp } = difference;
  const { streamEpoch, afterSeq } = scope.partOf(vendorId);
  const cursorSeq = Math.min(scope.toSeq, scope.lastSeq);
  const found = lookUp ? await findCommandless({ ...difference, streamEpoch, afterSeq, cursorSeq }) : [];
  if (found.length > 0) return found;
  return [
    finding({
      check: 'exactly-once',
      message: 'the books and the log have different numbers of transactions for this vendor',
      vendorId,
      expected: matched,
      found: inBooks,
    }),
  ];
}

function checkLimits(scope: LogScope): NewFinding[] {
  const found: NewFinding[] = [];
  if (scope.holes > 0) {
    found.push(
      finding({
        check: 'no-silent-loss',
        message: 'messages were removed from the middle of the command log',
        expected: 0,
        found: scope.holes,
      }),
    );
  }
  if (scope.limits && scope.firstSeq > scope.limits.auditedSeq + 1) {
    found.push(
      finding({
        check: 'no-silent-loss',
        message: 'the command log was trimmed beyond what was audited',
        expected: `from ${scope.limits.auditedSeq + 1} or earlier`,
        found: `from ${scope.firstSeq}`,
      }),
    );
  }
  if (scope.lastSeq < scope.toSeq) {
    found.push(
      finding({
        check: 'no-silent-loss',
        message: 'the command log ends before what the ledger has read',
        expected: scope.toSeq,
        found: scope.lastSeq,
      }),
    );
  }
  return found;
}

/** Audited commands that someone else removed: no money is in doubt, but the evidence is gone. Told once. */
export function checkTrim({ limits, firstSeq }: LogScope): NewFinding[] {
  if (!limits || firstSeq <= limits.trimmedSeq + 1 || firstSeq > limits.auditedSeq + 1) return [];
  return [
    finding({
      check: 'no-silent-loss',
      message: 'audited commands left the log, and the reconciler did not remove them',
      expected: `from ${limits.trimmedSeq + 1}`,
      found: `from ${firstSeq}`,
      level: 'MINOR_DISCREPANCY',
    }),
  ];
}
