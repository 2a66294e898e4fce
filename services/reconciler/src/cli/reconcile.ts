import { writeFile } from 'node:fs/promises';
import { UsageError } from '@b2b-charge/runtime';
import type { ReconcilerConfig } from '../config.ts';
import { effortBlock, findingBlock, HEADING, summaryBlock, textReport, vendorBlock } from '../report/text.ts';
import type { VendorLine } from '../run/audit-books.ts';
import { openTools } from '../run/open-tools.ts';
import { type FinishedRun, runAudit } from '../run/run-audit.ts';
import { withRunLock } from '../schedule/run-lock.ts';
import { ask } from './ask.ts';
import type { CliOptions } from './options.ts';
import { progressLine } from './progress.ts';

/** Up to this many vendors are listed without being asked to. */
const LISTED = 50;
/** How long to wait for a run that is going on. */
const LOCK_WAIT_MS = 30_000;
const NATS_WAIT_MS = 5_000;

export interface Output {
  write(text: string): void;
}

/** Runs one audit for the command line; returns the exit status 0 or 1, throws when it could not check. */
export async function reconcile(config: ReconcilerConfig, options: CliOptions, out: Output): Promise<0 | 1> {
  await using tools = await openTools(config, NATS_WAIT_MS);
  const progress = progressLine(process.stderr);
  const shown = new ShownVendors(options, out, config.CURRENCY);
  const run = () =>
    runAudit(tools, {
      mode: options.full ? 'full' : 'incremental',
      vendorId: options.vendorId ?? null,
      since: options.since ?? null,
      trigger: 'cli',
      startedBy: process.env.USER ?? 'cli',
      dryRun: options.dryRun ?? false,
      restartCheckpoints: options.restartCheckpoints,
      approveFix: options.fix ? (vendors) => approveFix(vendors, options) : null,
      onProgress: (done, total) => progress.show(done, total),
      onVendors: (lines) => shown.add(lines),
      onAgain: () => shown.again(),
      onWarning: (error, message) => process.stderr.write(`${message}: ${error}\n`),
    });
  const alone = options.vendorId !== undefined || options.dryRun;
  const finished = await (alone ? run() : withRunLock(tools, { waitMs: LOCK_WAIT_MS }, run)).finally(() =>
    progress.clear(),
  );
  if (options.vendorId !== undefined && finished.run.vendors_checked === 0) {
    throw new UsageError(`there is no vendor ${options.vendorId}`);
  }
  if (options.json) out.write(`${JSON.stringify(jsonReport(finished), null, 2)}\n`);
  else shown.end(finished);
  if (typeof options.report === 'string') {
    await writeFile(options.report, documentFor(options.report, finished));
    if (!options.json) out.write(`\nReport: ${options.report}\n`);
  }
  return finished.run.status === 'verified' ? 0 : 1;
}

async function approveFix(vendors: readonly number[], { yes }: CliOptions): Promise<boolean> {
  if (yes) return true;
  const who = vendors.length === 1 ? `vendor ${vendors[0]}` : `${vendors.length} vendors`;
  const approved = await ask(`Have the ledger rebuild the stored copies of ${who} from the transactions?`);
  if (!approved) process.stderr.write('Nothing was fixed: --fix needs a yes, or --yes.\n');
  return approved;
}

const jsonReport = ({ run, findings, checkpoint, fixes }: FinishedRun) => ({
  run,
  findings,
  checkpoint,
  fixes: [...fixes].map(([vendor_id, result]) => ({ vendor_id, result })),
});

const documentFor = (file: string, finished: FinishedRun): string =>
  file.endsWith('.json')
    ? JSON.stringify(jsonReport(finished), null, 2)
    : textReport(finished.run, finished.findings);

/** Vendors in the order they come: verified ones at once, the others when it is known whether they were fixed. */
class ShownVendors {
  readonly #options: CliOptions;
  readonly #out: Output;
  readonly #currency: string;
  readonly #flagged: VendorLine[] = [];
  #listed = 0;
  #hidden = 0;

  constructor(options: CliOptions, out: Output, currency: string) {
    this.#options = options;
    this.#out = out;
    this.#currency = currency;
    if (!options.json) out.write(`${HEADING}\n`);
  }

  add(lines: readonly VendorLine[]): void {
    if (this.#options.json) return;
    const { verbose, report } = this.#options;
    const all = verbose || report === true;
    for (const line of lines) {
      if (line.level !== 'VERIFIED') this.#flagged.push(line);
      else if (all || this.#listed < LISTED) {
        this.#listed++;
        this.#out.write(`\n${vendorBlock(line, false, this.#currency)}\n`);
      } else this.#hidden++;
    }
  }

  /** What was verified is listed already; what was not is judged anew. */
  again(): void {
    this.#flagged.length = 0;
    this.#hidden = 0;
    this.#listed = LISTED;
    if (!this.#options.json) this.#out.write('\nThe audit looks again.\n');
  }

  end({ run, findings, fixes }: FinishedRun): void {
    const detailed = this.#options.verbose || this.#options.report === true;
    if (this.#hidden > 0) this.#out.write(`\n… and ${this.#hidden} more verified (--verbose lists them)\n`);
    for (const line of this.#flagged) {
      this.#out.write(`\n${vendorBlock(line, fixes.get(line.vendorId) === 'fixed', this.#currency)}\n`);
      const own = findings.filter((found) => found.vendor_id === line.vendorId);
      // The block shows balances; what is wrong elsewhere would remain a riddle.
      const elsewhere = own.some((found) => found.check !== 'stored-balance');
      if (detailed || line.level === 'CRITICAL' || elsewhere) this.#write(own.map(findingBlock));
    }
    this.#write(findings.filter((found) => found.vendor_id === null).map(findingBlock));
    if (detailed) this.#write([effortBlock(run)]);
    this.#write([summaryBlock(run)]);
  }

  #write(blocks: readonly string[]): void {
    for (const block of blocks) this.#out.write(`\n${block}\n`);
  }
}
