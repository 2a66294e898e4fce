import { type AuditRun, type Checkpoint, type Finding, formatMoney } from '@b2b-charge/contracts';
import type { VendorResult } from '../audit/audit-page.ts';
import { ReplicaLostError } from '../audit/fresh-snapshot.ts';
import { publishReport } from '../report/publish.ts';
import { stageHeads, unstageHeads } from '../store/heads.ts';
import {
  beginRun,
  failRun,
  finishRun,
  notePublished,
  type OpenRun,
  type RunStart,
  reportProgress,
} from '../store/runs.ts';
import { readStreams, registerStreams } from '../witness/streams.ts';
import { type AuditRequest, auditBooks, type BooksReport, type VendorLine } from './audit-books.ts';
import type { AuditTools } from './audit-tools.ts';
import { type FixResult, fixableVendors, fixVendors } from './fix.ts';
import { lookTwice } from './look-twice.ts';

export interface RunOptions extends RunStart, Pick<AuditRequest, 'since' | 'signal' | 'onProgress'> {
  /** Writes nothing: no report, no checkpoint. */
  readonly dryRun?: boolean;
  /** Vouches for the books anew although the checkpoints before were tampered with. */
  readonly restartCheckpoints?: boolean;
  /** Asked with the vendors that could be fixed; null: fix none. */
  readonly approveFix?: ((vendors: readonly number[]) => Promise<boolean>) | null;
  /** Trace context of the caller, for the commands that fix. */
  readonly traceparent?: string | undefined;
  readonly onVendors?: (lines: readonly VendorLine[]) => void | Promise<void>;
  /** Called when the run has its number. */
  readonly onOpened?: (runId: number) => void;
  /** The vendors come once more, from the first: what was told of them before is void. */
  readonly onAgain?: () => void;
  readonly onWarning?: (error: unknown, message: string) => void;
}

export interface FinishedRun {
  readonly run: AuditRun;
  readonly findings: readonly Finding[];
  /** Null when this run took none. */
  readonly checkpoint: Checkpoint | null;
  /** Vendors for which a rebuild was tried. */
  readonly fixes: ReadonlyMap<number, FixResult>;
}

const PROGRESS_EVERY_MS = 1_000;

/** One audit from beginning to end: looks, fixes if asked to, keeps and publishes what it found. */
export async function runAudit(tools: AuditTools, options: RunOptions): Promise<FinishedRun> {
  // One vendor's audit vouches for nothing and is over at once: it is not kept.
  const kept = options.vendorId === null && options.dryRun !== true;
  const open = kept ? await beginRun(tools.pool, options) : null;
  if (open) options.onOpened?.(open.runId);
  try {
    return await carryOut(tools, options, open).catch(async (error) => {
      if (!(error instanceof ReplicaLostError)) throw error;
      options.onWarning?.(error, 'the audit begins again, from the primary');
      await beginAgain(tools, options, open);
      return carryOut({ ...tools, replica: null }, options, open);
    });
  } catch (error) {
    if (open) await failRun(tools.pool, open, String(error)).catch(() => {});
    throw error;
  }
}

async function beginAgain(
  { pool }: AuditTools,
  { onAgain }: RunOptions,
  open: OpenRun | null,
): Promise<void> {
  if (open) await unstageHeads(pool, open.runId);
  onAgain?.();
}

async function carryOut(tools: AuditTools, options: RunOptions, open: OpenRun | null): Promise<FinishedRun> {
  const startedAt = open?.startedAt ?? new Date();
  const vouches = open !== null && tools.keys !== null;
  let reportedAtMs = Date.now();
  let share = 0;
  let staged = 0;
  const request: AuditRequest = {
    ...options,
    onProgress: (done, total) => {
      share = total === 0 ? 1 : done / total;
      options.onProgress?.(done, total);
    },
    onVendors: async (lines, results) => {
      await options.onVendors?.(lines);
      const heads = vouches ? headsToKeep(results, lines) : [];
      staged += heads.length;
      if (vouches) await stageHeads(tools.pool, open.runId, heads);
      if (open && Date.now() - reportedAtMs >= PROGRESS_EVERY_MS) {
        reportedAtMs = Date.now();
        await reportProgress(tools.pool, open, share);
      }
    },
  };
  const books = await lookTwice(
    () => auditBooks(tools, request),
    async (doubt) => {
      options.onWarning?.(new Error(doubt), 'the audit looks again before it alarms');
      staged = 0;
      await beginAgain(tools, options, open);
    },
  );
  const fixes = await fix(tools, options, books, open);
  const findings = numbered(books, fixes);
  const report = summarize({
    ...{ books, fixes, findings, options, startedAt },
    ...{ runId: open?.runId ?? 0, currency: tools.currency },
  });
  if (!open) return { run: report, findings, checkpoint: null, fixes };
  const tampered = books.findings.kept.some(({ check }) => check === 'checkpoint' || check === 'witness');
  const mayVouch = vouches && books.log !== null && (!tampered || options.restartCheckpoints === true);
  const checkpoint = await finishRun(tools.pool, open, {
    report,
    findings,
    checkpoint: mayVouch
      ? { key: tools.keys!.current, takenAt: books.takenAt, log: books.log, staged }
      : null,
  });
  const streams = options.restartCheckpoints
    ? await readStreams(tools.nc, tools.subjects)
    : books.firstStreams;
  if (streams) await registerStreams(tools.pool, streams);
  const newest = checkpoint ?? books.latestCheckpoint;
  await publishReport(tools.nc, tools.subjects, {
    run: report,
    findings: [...findings],
    checkpoint: newest,
  })
    .then((seq) => notePublished(tools.pool, open, seq))
    .catch((error) => options.onWarning?.(error, 'the report could not be published'));
  return { run: report, findings, checkpoint, fixes };
}

/** What is in order and new. The others keep the head they had, until people have looked. */
const headsToKeep = (results: readonly VendorResult[], lines: readonly VendorLine[]) =>
  results.filter((result, index) => lines[index]!.sound && result.previous?.hash !== result.head.hash);

async function fix(
  tools: AuditTools,
  options: RunOptions,
  books: BooksReport,
  open: OpenRun | null,
): Promise<Map<number, FixResult>> {
  const vendors = fixableVendors(books.findings);
  if (!options.approveFix || vendors.length === 0 || options.dryRun || !(await options.approveFix(vendors)))
    return new Map();
  const label = open ? String(open.runId) : `at-${Date.now().toString(36)}`;
  return fixVendors(tools, vendors, { label, traceparent: options.traceparent });
}

function numbered({ findings }: BooksReport, fixes: ReadonlyMap<number, FixResult>): Finding[] {
  return findings.kept.map((found, index) => ({
    number: index + 1,
    check: found.check,
    level: found.level,
    vendor_id: found.vendorId,
    seq: found.seq,
    transaction_id: found.transactionId,
    expected: found.expected,
    found: found.found,
    message: found.message,
    advice: found.advice,
    fixed: found.vendorId !== null && fixes.get(found.vendorId) === 'fixed',
  }));
}

interface Summary {
  readonly books: BooksReport;
  readonly fixes: ReadonlyMap<number, FixResult>;
  readonly findings: readonly Finding[];
  readonly options: RunOptions;
  readonly startedAt: Date;
  readonly runId: number;
  readonly currency: string;
}

function summarize({ books, fixes, findings, options, startedAt, runId, currency }: Summary): AuditRun {
  const finishedAt = new Date();
  const critical = books.findings.count('CRITICAL');
  const minorFixed = [...fixes.values()].filter((result) => result === 'fixed').length;
  const minor = books.findings.count('MINOR_DISCREPANCY');
  const open = findings.filter((found) => !found.fixed);
  return {
    run_id: runId,
    mode: books.mode,
    vendor_id: options.vendorId,
    trigger: options.trigger,
    started_by: options.startedBy,
    status: open.some((found) => found.level === 'CRITICAL')
      ? 'critical'
      : open.length > 0
        ? 'minor'
        : 'verified',
    started_at: startedAt.toISOString(),
    finished_at: finishedAt.toISOString(),
    duration_ms: finishedAt.getTime() - startedAt.getTime(),
    vendors_checked: books.vendors,
    transactions_checked: books.rows,
    numbers_erased: books.erased,
    commands_checked: books.commands,
    verified: books.vendors - Math.min(books.vendors, critical + minor),
    minor: minor - minorFixed,
    minor_fixed: minorFixed,
    critical,
    findings: books.findings.total,
    stored_total: formatMoney(books.stored),
    calculated_total: formatMoney(books.calculated),
    currency,
    notes: [...books.notes],
    progress: null,
    error: null,
  };
}
