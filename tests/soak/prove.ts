import type { Fleet } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { waitForCalm } from '../chaos/calm.ts';
import { auditFully } from '../chaos/check/audit.ts';
import { checkEverything } from '../chaos/check/check.ts';
import type { Findings } from '../chaos/check/findings.ts';
import { openDatabase } from '../chaos/check/rows.ts';
import type { Load } from '../chaos/load/load.ts';
import { settleDoubts } from '../chaos/load/settle.ts';
import type { Shop } from '../chaos/load/ways.ts';
import type { Seller } from './seller.ts';
import type { SoakState } from './state.ts';

interface ProveOptions {
  readonly state: SoakState;
  readonly fleet: Fleet;
  readonly nc: NatsConnection;
  readonly load: Load;
  readonly seller: Seller;
  readonly shops: readonly Shop[];
  readonly progress: (line: string) => void;
}

const AUDITED_WITHIN_MS = 600_000;

/** Settles every doubt by its key, waits for calm, and proves the books: by our own arithmetic, and by the auditor's. */
export async function prove(options: ProveOptions): Promise<void> {
  const { state, fleet, nc, load, seller, shops, progress } = options;
  const { findings } = state;
  const { book, office, longestDeadlineMs } = load;
  const from = performance.now();
  const since = () => (performance.now() - from) / 1_000;
  progress(`${seller.record.handOver(book)} sales are in doubt; settling them by key`);
  const db = openDatabase(fleet.databaseUrl);
  try {
    const settled = await settleDoubts({
      gatewayUrl: fleet.of('gateway')[0]!.url,
      book,
      shops,
      office,
      deadlineAtMs: Date.now() + longestDeadlineMs,
    });
    for (const text of settled.open) findings.add('bounded-doubt', text);
    await waitForCalm(db, nc);
    // The scheduled audits would compete with the last one.
    for (const { process } of fleet.of('reconciler')) await process.stop();
    await readAudits(db, findings);
    progress(`calm after ${since().toFixed(0)} s; checking every sale, command and event, and auditing`);
    const audit = auditFully(fleet, findings, AUDITED_WITHIN_MS).then(() =>
      progress(`the audit is over after ${since().toFixed(0)} s`),
    );
    const checked = await checkEverything({
      fleet,
      db,
      nc,
      claims: book.claims,
      more: seller.record,
      findings,
    });
    progress(`checked after ${since().toFixed(0)} s`);
    await audit;
    for (const text of [...book.contradictions, ...seller.record.contradictions])
      findings.add('exactly-once', text);
    const { executed, neverExecuted, open } = settled;
    state.proof = { doubts: { executed, neverExecuted, open: open.length }, checked, seconds: since() };
  } finally {
    await db.end();
  }
}

/** What the scheduled audits found while things broke: there is nothing to be found at any time. */
async function readAudits(db: pg.Pool, findings: Findings): Promise<void> {
  const { rows } = await db.query<{ text: string }>(
    `SELECT concat_ws(' ', 'run', r.run_id, r.mode, r.started_at, f.check_name, f.level, 'vendor', f.vendor_id, 'seq', f.seq,
       f.message, 'expected', f.expected, 'found', f.found) AS text
     FROM reconciler.findings f JOIN reconciler.runs r USING (run_id) ORDER BY r.run_id, f.number LIMIT 20`,
  );
  for (const { text } of rows) findings.add('audit', text);
}
