import type { Checkpoint, Level, Subjects } from '@b2b-charge/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { VendorResult } from '../audit/audit-page.ts';
import { auditVendors } from '../audit/audit-vendors.ts';
import { checkHistory, checkLatest, checkOldHeads } from '../audit/check-checkpoints.ts';
import { checkCredits } from '../audit/check-credits.ts';
import { checkDuplicates, checkGuards } from '../audit/check-guards.ts';
import { checkOrphans } from '../audit/check-orphans.ts';
import { checkReversals } from '../audit/check-reversals.ts';
import { openSnapshot, type Reader, readerOf, type Snapshot } from '../audit/snapshot.ts';
import { compareCopies } from '../copies/compare-copies.ts';
import type { NewFinding } from '../domain/finding.ts';
import type { Keys } from '../keys/signing-key.ts';
import { compareLogs, explainDifference, type LogComparison } from '../logs/compare-logs.ts';
import { type LogScope, logScope } from '../logs/log-scope.ts';
import type { LogProgress } from '../store/runs.ts';
import { Findings } from './findings.ts';
import { type LedgerSettings, readLedgerSettings } from './ledger-settings.ts';

/** What an audit works with. */
export interface AuditTools {
  readonly pool: pg.Pool;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly namespace: string;
  /** Null when Redis is away: its copies are not compared. */
  readonly redis: Redis | null;
  /** Null without a key file: then nothing is vouched for and every audit begins at genesis. */
  readonly keys: Keys | null;
  /** The checkpoint last published, a witness outside the database. */
  readonly published: () => Promise<Checkpoint | null>;
  readonly lanes: number;
  readonly timeZone: string;
  readonly minorLimit: bigint;
  readonly workers: number;
  readonly trustedCreditSources: readonly string[];
  readonly creditPostedWithinMs: number;
  readonly checkpointHistoryMs: number;
}

export interface VendorLine {
  readonly vendorId: number;
  readonly name: string;
  readonly level: Level;
  readonly stored: bigint;
  readonly calculated: bigint;
  readonly seq: number;
  readonly rows: number;
  /** Whether its transactions are in order, whatever the copies say. */
  readonly sound: boolean;
}

export interface AuditRequest {
  readonly mode: 'incremental' | 'full';
  readonly vendorId: number | null;
  /** Begin at the newest checkpoint taken before this, rather than at the newest of all. */
  readonly since?: Date | null;
  readonly signal?: AbortSignal | undefined;
  readonly onVendors?: (lines: readonly VendorLine[], results: readonly VendorResult[]) => Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface BooksReport {
  readonly takenAt: Date;
  readonly mode: 'incremental' | 'full';
  readonly findings: Findings;
  readonly vendors: number;
  readonly rows: number;
  readonly commands: number;
  readonly stored: bigint;
  readonly calculated: bigint;
  /** What could not be compared, in a sentence each. */
  readonly notes: readonly string[];
  /** How far the log may be taken as compared; null when it was not, or when it was found wanting. */
  readonly log: LogProgress | null;
  readonly latestCheckpoint: Checkpoint | null;
}

/** Created rows may be committed a little later than they say: so much is looked at twice. */
const OVERLAP_MS = 600_000;

/**
 * Proves the books at one moment: first what concerns all vendors, then vendor by vendor. Throws what keeps it from
 * looking; what it sees, however bad, is a finding.
 */
export async function auditBooks(tools: AuditTools, request: AuditRequest): Promise<BooksReport> {
  await using snapshot = await openSnapshot(tools.pool, request.vendorId === null ? tools.workers : 1);
  return new Audit(tools, request, snapshot).run();
}

class Audit {
  readonly #tools: AuditTools;
  readonly #request: AuditRequest;
  readonly #snapshot: Snapshot;
  readonly #reader: Reader;
  readonly #findings = new Findings();
  readonly #notes: string[] = [];
  #settings: LedgerSettings = { lanes: 0, timeZone: '' };
  #logFindings = 0;

  constructor(tools: AuditTools, request: AuditRequest, snapshot: Snapshot) {
    this.#tools = tools;
    this.#request = request;
    this.#snapshot = snapshot;
    this.#reader = snapshot.readers[0]!;
  }

  async run(): Promise<BooksReport> {
    this.#settings = await readLedgerSettings(this.#reader, this.#tools);
    const basis = await this.#basis();
    await this.#checkAll(basis);
    const scope = await this.#logScope(basis.full);
    const comparison = scope && (await this.#compareLogs(scope));
    const totals = await this.#auditVendors(basis, scope, comparison);
    const mayAdvance = scope && comparison && this.#logFindings === 0;
    return {
      takenAt: this.#snapshot.takenAt,
      mode: basis.full ? 'full' : 'incremental',
      findings: this.#findings,
      ...totals,
      commands: comparison?.commands ?? 0,
      notes: this.#notes,
      log: mayAdvance ? progressOf(scope, comparison) : null,
      latestCheckpoint: basis.latest,
    };
  }

  #add(found: readonly NewFinding[]): void {
    for (const one of found) this.#findings.add(one);
  }

  /** Where to begin: at a checkpoint that is still what was signed, else at genesis. */
  async #basis(): Promise<Basis> {
    const { keys, published } = this.#tools;
    const full = this.#request.mode === 'full';
    if (!keys) return { full: true, latest: null, checkpointId: 0, since: null };
    const { latest, findings } = await checkLatest(this.#reader, keys, await published());
    this.#add(findings);
    const trusted = latest !== null && findings.length === 0;
    if (!trusted) return { full: true, latest: null, checkpointId: latest?.checkpoint_id ?? 0, since: null };
    const start = await this.#startOf(latest);
    if (full || start === null)
      return { full: true, latest, checkpointId: latest.checkpoint_id, since: null };
    const since = new Date(new Date(start.taken_at).getTime() - OVERLAP_MS);
    return { full: false, latest, checkpointId: start.checkpoint_id, since };
  }

  async #startOf(latest: Checkpoint): Promise<{ checkpoint_id: number; taken_at: string } | null> {
    const { since } = this.#request;
    if (!since) return latest;
    const [row] = await this.#reader.query<{ checkpoint_id: string; taken_at: Date }>(
      `SELECT checkpoint_id, taken_at FROM reconciler.checkpoints WHERE taken_at <= $1
       ORDER BY checkpoint_id DESC LIMIT 1`,
      [since],
    );
    return row ? { checkpoint_id: Number(row.checkpoint_id), taken_at: row.taken_at.toISOString() } : null;
  }

  /** The checks that are one statement over many vendors. */
  async #checkAll({ full, since }: Basis): Promise<void> {
    const { keys, trustedCreditSources, creditPostedWithinMs, checkpointHistoryMs } = this.#tools;
    const { vendorId } = this.#request;
    const reader = this.#reader;
    const guards = await checkGuards(reader);
    this.#add(guards);
    if (guards.some((found) => found.check === 'exactly-once')) {
      this.#add(await checkDuplicates(reader, vendorId));
    }
    this.#add(await checkReversals(reader, { since, vendorId }));
    const credits = {
      since,
      vendorId,
      trustedSources: trustedCreditSources,
      postedWithinMs: creditPostedWithinMs,
    };
    this.#add(await checkCredits(reader, credits));
    if (vendorId !== null) return;
    this.#add(await checkOrphans(reader));
    if (!full || !keys) return;
    const historySince = new Date(this.#snapshot.takenAt.getTime() - checkpointHistoryMs);
    this.#add(await checkHistory(reader, keys, historySince));
    this.#add(await checkOldHeads(reader));
  }

  async #logScope(full: boolean): Promise<LogScope | null> {
    if (this.#request.vendorId !== null) return null;
    const { nc, subjects } = this.#tools;
    return logScope({ reader: this.#reader, nc, subjects, laneCount: this.#settings.lanes, full });
  }

  #addLogFinding(found: NewFinding): void {
    this.#logFindings++;
    this.#findings.add(found);
  }

  #compareLogs(scope: LogScope): Promise<LogComparison> {
    const { nc, subjects } = this.#tools;
    return compareLogs({
      reader: this.#reader,
      nc,
      subjects,
      scope,
      signal: this.#request.signal,
      onFinding: (found) => this.#addLogFinding(found),
    });
  }

  async #auditVendors(basis: Basis, scope: LogScope | null, comparison: LogComparison | null) {
    const { onVendors, onProgress, vendorId, signal } = this.#request;
    const { minorLimit } = this.#tools;
    const totals = { vendors: 0, rows: 0, stored: 0n, calculated: 0n };
    const expected = await this.#expectedRows(basis);
    await auditVendors(this.#snapshot, {
      full: basis.full,
      checkpointId: basis.checkpointId,
      timeZone: this.#settings.timeZone,
      minorLimit,
      logPartOf: (vendor) => scope?.partOf(vendor) ?? { streamEpoch: 0, afterSeq: 0 },
      vendorId,
      signal,
      onPage: async (results) => {
        for (const result of results) {
          this.#add(result.findings);
          await this.#checkInLog(result, scope, comparison);
        }
        await this.#checkCopies(results);
        const lines = results.map((result) => this.#lineOf(result));
        for (const line of lines) {
          totals.vendors++;
          totals.rows += line.rows;
          totals.stored += line.stored;
          totals.calculated += line.calculated;
        }
        onProgress?.(totals.rows, Math.max(expected, totals.rows));
        await onVendors?.(lines, results);
      },
    });
    return totals;
  }

  async #checkInLog(result: VendorResult, scope: LogScope | null, comparison: LogComparison | null) {
    if (!scope || !comparison) return;
    const { vendorId, inLog: inBooks } = result;
    const matched = comparison.matched.get(vendorId) ?? 0;
    const { nc, subjects } = this.#tools;
    const found = await explainDifference({
      reader: this.#reader,
      nc,
      subjects,
      scope,
      vendorId,
      inBooks,
      matched,
    });
    for (const one of found) this.#addLogFinding(one);
  }

  async #checkCopies(results: readonly VendorResult[]): Promise<void> {
    const { redis, namespace, pool, minorLimit } = this.#tools;
    const away = 'Redis is away: its balance copies were not compared';
    if (this.#notes.includes(away)) return;
    if (!redis) return void this.#notes.push(away);
    const known = results.map((result) => ({
      vendorId: result.vendorId,
      seq: result.seq,
      balance: result.calculated,
    }));
    try {
      this.#add(await compareCopies({ redis, namespace, present: readerOf(pool), minorLimit }, known));
    } catch (error) {
      if (redis.status === 'ready' && !/timed out|closed/i.test(String(error))) throw error;
      this.#notes.push(away);
    }
  }

  #lineOf(result: VendorResult): VendorLine {
    const { vendorId, name, stored, calculated, seq, rows } = result;
    const level = this.#findings.levelOf(vendorId);
    return { vendorId, name, stored, calculated, seq, rows, level, sound: this.#findings.isSound(vendorId) };
  }

  /** For the progress only. */
  async #expectedRows({ full, checkpointId }: Basis): Promise<number> {
    if (!this.#request.onProgress) return 0;
    const [row] = await this.#reader.query<{ rows: string }>(
      `SELECT coalesce(sum(v.seq - coalesce(h.seq, 0)), 0) AS rows FROM ledger.vendors v
       LEFT JOIN LATERAL (SELECT seq FROM reconciler.heads h WHERE $1 AND h.vendor_id = v.vendor_id
         AND h.checkpoint_id <= $2 ORDER BY checkpoint_id DESC LIMIT 1) h ON true
       WHERE $3::int IS NULL OR v.vendor_id = $3`,
      [!full, checkpointId, this.#request.vendorId],
    );
    return Number(row!.rows);
  }
}

interface Basis {
  readonly full: boolean;
  /** The newest checkpoint, if it is still what was signed. */
  readonly latest: Checkpoint | null;
  readonly checkpointId: number;
  /** What came about before was audited by then; null: everything is looked at. */
  readonly since: Date | null;
}

const progressOf = (scope: LogScope, comparison: LogComparison): LogProgress => ({
  auditedSeq: comparison.auditedSeq,
  lanes: [...scope.lanes.values()].map(({ lane, streamEpoch, cursorSeq, comparedSeq }) => ({
    lane,
    streamEpoch,
    seq: Math.max(cursorSeq, comparedSeq),
  })),
});
