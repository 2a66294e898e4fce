import type { Checkpoint, Level } from '@b2b-charge/contracts';
import type { VendorResult } from '../audit/audit-page.ts';
import { auditVendors } from '../audit/audit-vendors.ts';
import { type FreshSnapshot, openFreshSnapshot } from '../audit/fresh-snapshot.ts';
import type { Reader } from '../audit/snapshot.ts';
import type { NewFinding } from '../domain/finding.ts';
import { type EventSpan, readEventSpan } from '../events/compare-events.ts';
import type { LogProgress } from '../store/runs.ts';
import { checkPublished } from '../witness/published.ts';
import { checkStreams, readStreams, type StreamIdentity } from '../witness/streams.ts';
import { auditCopies, REDIS_AWAY } from './audit-copies.ts';
import { LogAudit } from './audit-log.ts';
import type { AuditTools } from './audit-tools.ts';
import { type Basis, findBasis } from './basis.ts';
import { checkAll } from './check-all.ts';
import { Findings } from './findings.ts';
import { readLedgerSettings, wasRepartitioned } from './ledger-settings.ts';

export interface VendorLine {
  readonly vendorId: number;
  readonly name: string;
  readonly level: Level;
  readonly stored: bigint;
  readonly calculated: bigint;
  readonly seq: number;
  readonly rows: number;
  readonly erased: number;
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
  readonly erased: number;
  readonly commands: number;
  readonly stored: bigint;
  readonly calculated: bigint;
  /** What could not be compared, in a sentence each. */
  readonly notes: readonly string[];
  /** How far the log may be taken as compared; null when it was not, or when it was found wanting. */
  readonly log: LogProgress | null;
  /** What was found between the log and the books, and all that it was seen in; null when nothing was. */
  readonly doubt: string | null;
  /** To be registered, because this system was never audited before; null else. */
  readonly firstStreams: readonly StreamIdentity[] | null;
  readonly latestCheckpoint: Checkpoint | null;
}

/**
 * Proves the books at one moment: first what concerns all vendors, then vendor by vendor. Throws what keeps it from
 * looking; what it sees, however bad, is a finding.
 */
export async function auditBooks(tools: AuditTools, request: AuditRequest): Promise<BooksReport> {
  // Before the snapshot: every event read now reports a row that the snapshot has.
  const events = request.vendorId === null ? await readEventSpan(tools) : null;
  await using snapshot = await openFreshSnapshot(tools, request.vendorId === null ? tools.workers : 1);
  return await new Audit(tools, request, snapshot).run(events);
}

const NO_LOG = { streamEpoch: 0, afterSeq: 0, comparedBefore: false };

class Audit {
  readonly #tools: AuditTools;
  readonly #request: AuditRequest;
  readonly #snapshot: FreshSnapshot;
  readonly #reader: Reader;
  readonly #findings = new Findings();
  readonly #notes = new Set<string>();
  readonly #totals = { vendors: 0, rows: 0, erased: 0, stored: 0n, calculated: 0n };
  #expectedRows = 0;
  #lagging = 0;

  constructor(tools: AuditTools, request: AuditRequest, snapshot: FreshSnapshot) {
    this.#tools = tools;
    this.#request = request;
    this.#snapshot = snapshot;
    this.#reader = snapshot.readers[0]!;
    if (snapshot.note) this.#notes.add(snapshot.note);
  }

  async run(events: EventSpan | null): Promise<BooksReport> {
    const { vendorId, signal } = this.#request;
    const settings = await readLedgerSettings(this.#reader, this.#tools);
    const anew = vendorId === null && (await wasRepartitioned(this.#reader));
    if (anew)
      this.#notes.add('the ledger has another number of lanes since the last audit: all was compared anew');
    const basis = await findBasis(this.#reader, this.#tools, {
      ...this.#request,
      ...(anew ? { mode: 'full' } : {}),
    });
    this.#add(basis.findings);
    this.#add(await checkAll(this.#snapshot, this.#tools, basis, vendorId));
    this.#expectedRows = await this.#countRows(basis);
    const witness = vendorId === null ? await this.#checkWitness() : null;
    const log = witness?.hasLog ? await this.#openLog(settings.lanes, basis.full) : null;
    if (log && log.scope.rolledBack.length > 0) {
      this.#notes.add(
        `the command log was rolled back since the last audit (lanes ${log.scope.rolledBack.join(', ')}): ` +
          'commands that it lost could not be compared',
      );
    }
    await log?.compareCommands(signal);
    await log?.compareEvents(events, basis.eventsSeq, signal);
    await auditVendors(this.#snapshot, {
      full: basis.full,
      checkpointId: basis.checkpointId,
      timeZone: settings.timeZone,
      minorLimit: this.#tools.minorLimit,
      logPartOf: (vendor) => log?.scope.partOf(vendor) ?? NO_LOG,
      vendorId,
      signal,
      onPage: (results) => this.#takePage(results, log),
    });
    await log?.confirm();
    const doubt = (await log?.doubt(this.#snapshot)) ?? null;
    if (doubt) this.#notes.add(doubt);
    if (this.#lagging > 0) this.#notes.add(`${this.#lagging} balance copies in Redis lag behind the books`);
    return {
      takenAt: this.#snapshot.takenAt,
      mode: basis.full ? 'full' : 'incremental',
      findings: this.#findings,
      ...this.#totals,
      commands: log?.commands ?? 0,
      notes: [...this.#notes],
      log: log?.progress() ?? null,
      firstStreams: witness?.firstStreams ?? null,
      doubt,
      latestCheckpoint: basis.latest,
    };
  }

  /** The streams and reports that the audit goes by. Without them nothing is attested. */
  async #checkWitness() {
    const { nc, subjects } = this.#tools;
    const streams = await readStreams(nc, subjects);
    const { first, findings } = await checkStreams(this.#reader, streams);
    const gone = streams.some(({ created }) => created === null);
    const published = gone ? [] : await checkPublished(this.#reader, nc, subjects);
    this.#add([...findings, ...published]);
    return {
      hasLog: streams[0]!.created !== null,
      firstStreams: first ? streams : null,
    };
  }

  #add(found: readonly NewFinding[]): void {
    for (const one of found) this.#findings.add(one);
  }

  #openLog(laneCount: number, full: boolean): Promise<LogAudit> {
    const add = (found: NewFinding) => this.#findings.add(found);
    return LogAudit.open(this.#tools, this.#snapshot.readers, { laneCount, full, add });
  }

  async #takePage(results: readonly VendorResult[], log: LogAudit | null): Promise<void> {
    for (const result of results) {
      this.#add(result.findings);
      await log?.compareOutcomes(result);
    }
    const copies = this.#notes.has(REDIS_AWAY) ? null : await auditCopies(this.#tools, results);
    if (copies) this.#add(copies.findings);
    else this.#notes.add(REDIS_AWAY);
    this.#lagging += copies?.lagging ?? 0;
    const lines = results.map((result) => this.#lineOf(result));
    for (const line of lines) {
      this.#totals.vendors++;
      this.#totals.rows += line.rows;
      this.#totals.erased += line.erased;
      this.#totals.stored += line.stored;
      this.#totals.calculated += line.calculated;
    }
    const { rows } = this.#totals;
    this.#request.onProgress?.(rows, Math.max(this.#expectedRows, rows));
    await this.#request.onVendors?.(lines, results);
  }

  #lineOf({ vendorId, name, stored, calculated, seq, rows, erased }: VendorResult): VendorLine {
    const level = this.#findings.levelOf(vendorId);
    return {
      vendorId,
      name,
      stored,
      calculated,
      seq,
      rows,
      erased,
      level,
      sound: this.#findings.isSound(vendorId),
    };
  }

  /** For the progress only. */
  async #countRows({ full, checkpointId }: Basis): Promise<number> {
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
