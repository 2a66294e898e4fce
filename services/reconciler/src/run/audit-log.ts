import { setTimeout as sleep } from 'node:timers/promises';
import type { VendorResult } from '../audit/audit-page.ts';
import { type Reader, readerOf, type Snapshot } from '../audit/snapshot.ts';
import type { NewFinding } from '../domain/finding.ts';
import { compareEvents, type EventSpan } from '../events/compare-events.ts';
import { checkTrim, compareLogs, explainDifference, type LogComparison } from '../logs/compare-logs.ts';
import { describeScope } from '../logs/describe-scope.ts';
import { findBackdated } from '../logs/find-backdated.ts';
import { type LogScope, logScope } from '../logs/log-scope.ts';
import type { LogProgress } from '../store/runs.ts';
import type { AuditTools } from './audit-tools.ts';

/** The log was rolled back, or trimmed, while it was being audited: it must be audited anew. */
export class LogMovedError extends Error {
  override name = 'LogMovedError';
}

const POLL_MS = 250;
/** Vendors whose rows are looked up in the log one by one; of the others only the numbers are compared. */
const LOOKED_UP_VENDORS = 50;

/** The two logs against each other, in one run: first the commands, then, vendor by vendor, the outcomes. */
export class LogAudit {
  readonly scope: LogScope;
  readonly #tools: AuditTools;
  readonly #readers: readonly Reader[];
  readonly #add: (found: NewFinding) => void;
  #comparison: LogComparison = { commands: 0, auditedSeq: 0, matched: new Map() };
  #findings = 0;
  #eventsSeq = 0;
  #first: NewFinding | null = null;
  #lookedUp = 0;

  static async open(
    tools: AuditTools,
    readers: readonly Reader[],
    options: { laneCount: number; full: boolean; add: (found: NewFinding) => void },
  ): Promise<LogAudit> {
    const scope = await logScope({
      ...tools,
      ...options,
      reader: readers[0]!,
      present: readerOf(tools.pool),
    });
    for (const found of checkTrim(scope)) options.add(found);
    return new LogAudit(tools, readers, scope, options.add);
  }

  private constructor(
    tools: AuditTools,
    readers: readonly Reader[],
    scope: LogScope,
    add: (found: NewFinding) => void,
  ) {
    this.#tools = tools;
    this.#readers = readers;
    this.scope = scope;
    this.#add = (found) => {
      this.#findings++;
      this.#first ??= found;
      add(found);
    };
  }

  get commands(): number {
    return this.#comparison.commands;
  }

  async compareCommands(signal: AbortSignal | undefined): Promise<void> {
    const { nc, subjects } = this.#tools;
    this.#comparison = await compareLogs({
      readers: this.#readers,
      nc,
      subjects,
      scope: this.scope,
      signal,
      onFinding: this.#add,
    });
  }

  /** Throws when NATS does not reply. */
  async compareEvents(
    span: EventSpan | null,
    comparedSeq: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { nc, subjects } = this.#tools;
    if (span === null) return; // a finding of checkStreams
    this.#eventsSeq = span.lastSeq;
    await compareEvents({
      ...{ nc, subjects, span, comparedSeq, signal },
      reader: this.#readers[0]!,
      onFindings: (found) => found.forEach(this.#add),
    });
  }

  async compareOutcomes({ vendorId, inLog, backdated }: VendorResult): Promise<void> {
    const part = this.scope.partOf(vendorId);
    if (backdated > 0 && part.comparedBefore) {
      const rows = await findBackdated({
        reader: this.#readers[0]!,
        vendorId,
        streamEpoch: part.streamEpoch,
        comparedSeq: part.afterSeq,
      });
      for (const one of rows) this.#add(one);
    }
    const matched = this.#comparison.matched.get(vendorId) ?? 0;
    if (matched === inLog) return;
    const { nc, subjects } = this.#tools;
    const found = await explainDifference({
      reader: this.#readers[0]!,
      nc,
      subjects,
      scope: this.scope,
      vendorId,
      inBooks: inLog,
      matched,
      lookUp: this.#lookedUp++ < LOOKED_UP_VENDORS,
    });
    for (const one of found) this.#add(one);
  }

  /**
   * Throws LogMovedError if a rollback of the log, another audit's trim of it, or a ledger that decides again what the
   * database lost explains what was found.
   */
  async confirm(): Promise<void> {
    const { pool, logSettleMs } = this.#tools;
    const giveUpAtMs = Date.now() + logSettleMs;
    if (this.#findings > 0) await this.#refuseTrimmed();
    while (this.#findings > 0) {
      const lanes = await readerOf(pool).query<{ lane: number; stream_epoch: number; replays: boolean }>(
        'SELECT lane, stream_epoch, cursor_seq < replay_until AS replays FROM ledger.lanes',
      );
      if (lanes.some(({ replays }) => replays))
        throw new LogMovedError(
          'the ledger is deciding again what the database lost: audit again afterwards',
        );
      const moved = lanes.some(
        ({ lane, stream_epoch }) => this.scope.lanes.get(lane)?.streamEpoch !== stream_epoch,
      );
      if (moved) throw new LogMovedError('the command log was rolled back while it was being audited');
      if (Date.now() >= giveUpAtMs) return;
      await sleep(POLL_MS);
    }
  }

  /** A dry run holds no lock: another run may end meanwhile, and trim what this one has not read yet. */
  async #refuseTrimmed(): Promise<void> {
    const [now] = await readerOf(this.#tools.pool).query<{ trimmed_seq: string }>(
      'SELECT trimmed_seq FROM reconciler.log_audited',
    );
    if (now && Number(now.trimmed_seq) >= this.scope.firstSeq)
      throw new LogMovedError('the command log was trimmed while it was being audited');
  }

  /** What somebody who looks into the findings afterwards must know of this look; null when there are none. */
  async doubt(snapshot: Snapshot): Promise<string | null> {
    if (!this.#first) return null;
    const { check, message, vendorId, seq, expected, found } = this.#first;
    const where = `vendor ${vendorId ?? 'none'}, seq ${seq ?? 'none'}`;
    return (
      `${this.#findings} between the log and the books, the first: ${check}, ${where}: ${message} ` +
      `(expected ${expected}, found ${found}). ${await describeScope(this.#tools, this.scope, snapshot)}`
    );
  }

  /** How far the log may be taken as compared; null when it was found wanting. */
  progress(): LogProgress | null {
    if (this.#findings > 0) return null;
    const lanes = [...this.scope.lanes.values()].map(({ lane, streamEpoch, cursorSeq, comparedSeq }) => ({
      lane,
      streamEpoch,
      seq: Math.max(cursorSeq, comparedSeq),
    }));
    return {
      auditedSeq: this.#comparison.auditedSeq,
      trimmedSeq: this.scope.firstSeq - 1,
      lanes,
      eventsSeq: this.#eventsSeq,
    };
  }
}
