import type { CallResponse } from '@b2b-charge/contracts';
import { readerOf } from '../audit/snapshot.ts';
import { htmlReport } from '../report/html.ts';
import { textReport } from '../report/text.ts';
import type { AuditTools } from '../run/audit-tools.ts';
import { checkpointOfRun } from '../store/checkpoints.ts';
import { readFindings, readRecentRuns, readRun } from '../store/read-runs.ts';

/** An answer travels in one message, and a message holds a megabyte. */
const FINDINGS = 1_000;
const BODY_LIMIT = 700_000;
const HISTORY = 60;

/** A kept run with its findings, as data or as a document; null if there is none. */
export async function getReport(
  { pool, currency }: AuditTools,
  wanted: { run_id?: number | null | undefined; format: 'json' | 'text' | 'html' },
  timeZone: string,
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
      return answer('text/plain; charset=utf-8', textReport(run, some));
    }
    case 'html': {
      const history = await readRecentRuns(pool, HISTORY);
      const page = (part: typeof findings) =>
        htmlReport({ run, findings: part, checkpoint, history, timeZone });
      return answer('text/html; charset=utf-8', page(fitting(findings, page)));
    }
  }
  function answer(contentType: string, body: string) {
    return { run: run!, findings: [], checkpoint, content_type: contentType, body };
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
