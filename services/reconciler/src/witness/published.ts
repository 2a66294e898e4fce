import { type PublishedReport, publishedReportSchema, type Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

/** Reports that are looked for again: the newest ones. Older ones may have left the stream by its limits. */
const NEWEST = 100;

const PUBLISHED = `SELECT r.run_id, r.published_seq, c.statement FROM reconciler.runs r
  LEFT JOIN reconciler.checkpoints c ON c.run_id = r.run_id
  WHERE r.published_seq IS NOT NULL ORDER BY r.run_id DESC LIMIT ${NEWEST}`;

/** Every one of the newest reports stands on audit.reports where the server had stored it, as it was published. */
export async function checkPublished(
  reader: Reader,
  nc: NatsConnection,
  subjects: Subjects,
): Promise<NewFinding[]> {
  const rows = await reader.query<{ run_id: string; published_seq: string; statement: string | null }>(
    PUBLISHED,
  );
  const found = await Promise.all(
    rows.map(async ({ run_id: runId, published_seq: seq, statement }) => {
      const report = await readReport(nc, subjects, Number(seq));
      const isSame =
        report?.run.run_id === Number(runId) &&
        (statement === null || report.checkpoint?.statement === statement);
      if (isSame) return [];
      return [
        finding({
          check: 'witness',
          message: `the published report of audit ${runId} is ${report ? 'another' : 'gone or unreadable'}`,
          expected: `report ${runId} as message ${seq} of ${subjects.streams.reports}`,
          found: report ? `report ${report.run.run_id}` : 'nothing',
        }),
      ];
    }),
  );
  return found.flat();
}

/** Null if there is no such message, or if it is no report. */
async function readReport(
  nc: NatsConnection,
  { streams }: Subjects,
  seq: number,
): Promise<PublishedReport | null> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const message = await manager.streams.getMessage(streams.reports, { seq });
  if (!message) return null;
  try {
    const report = publishedReportSchema.safeParse(message.json());
    return report.success ? report.data : null;
  } catch {
    return null;
  }
}
