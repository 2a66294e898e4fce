import type { CallResponse } from '@b2b-charge/contracts';
import { readerOf } from '../audit/snapshot.ts';
import { textReport } from '../report/text.ts';
import type { AuditTools } from '../run/audit-tools.ts';
import { checkpointOfRun } from '../store/checkpoints.ts';
import { readFindings, readRun } from '../store/read-runs.ts';

/** An answer travels in one message, and a message holds a megabyte. */
const FINDINGS = 1_000;
const BODY_LIMIT = 700_000;

/** A kept run with its findings, as data or as a document; null if there is none. */
export async function getReport(
  { pool, currency }: AuditTools,
  wanted: { run_id?: number | null | undefined; format: 'json' | 'text' },
): Promise<CallResponse<'audit.report'>> {
  const run = await readRun(pool, currency, wanted.run_id ?? null);
  if (!run) return null;
  const findings = await readFindings(pool, run.run_id, FINDINGS);
  const checkpoint = await checkpointOfRun(readerOf(pool), run.run_id);
  switch (wanted.format) {
    case 'json':
      return {
        run,
        findings: fitting(findings, (some) => JSON.stringify(some)),
        checkpoint,
        content_type: 'application/json',
        body: null,
      };
    case 'text': {
      const some = fitting(findings, (part) => textReport(run, part));
      const content_type = 'text/plain; charset=utf-8';
      return { run, findings: [], checkpoint, content_type, body: textReport(run, some) };
    }
  }
}

/** As many of the first findings as leave the document within the limit. */
function fitting<T>(findings: readonly T[], document: (part: T[]) => string): T[] {
  let part = [...findings];
  while (part.length > 0 && Buffer.byteLength(document(part)) > BODY_LIMIT) {
    part = part.slice(0, Math.floor(part.length / 2));
  }
  return part;
}
