import {
  type Checkpoint,
  type PublishedReport,
  publishedReportSchema,
  type Subjects,
} from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { JetStreamApiCodes, JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** Findings that go along with a published report; all of them are kept in the database. */
const FINDINGS = 200;

/** Publishes a run on audit.reports, with the newest checkpoint as a witness outside the database. */
export async function publishReport(
  nc: NatsConnection,
  subjects: Subjects,
  report: PublishedReport,
): Promise<void> {
  const payload = { ...report, findings: report.findings.slice(0, FINDINGS) };
  await jetstream(nc, jetStreamOptions(nc)).publish(subjects.auditReports, JSON.stringify(payload), {
    timeout: 5_000,
  });
}

/** The checkpoint of the last report published; null if none was, or its stream is not there. Throws when nobody says. */
export async function lastPublished(nc: NatsConnection, subjects: Subjects): Promise<Checkpoint | null> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const message = await manager.streams
    .getMessage(subjects.streams.reports, { last_by_subj: subjects.auditReports })
    .catch((error) => {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
      throw error;
    });
  if (!message) return null;
  const report = publishedReportSchema.safeParse(message.json());
  return report.success ? report.data.checkpoint : null;
}
