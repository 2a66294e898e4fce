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

/** Publishes a run, with the newest checkpoint as a witness outside the database. Returns the message's sequence. */
export async function publishReport(
  nc: NatsConnection,
  subjects: Subjects,
  report: PublishedReport,
): Promise<number> {
  const payload = { ...report, findings: report.findings.slice(0, FINDINGS) };
  const json = JSON.stringify(payload);
  const stored = await jetstream(nc, jetStreamOptions(nc)).publish(subjects.auditReports, json, {
    timeout: 5_000,
  });
  return stored.seq;
}

/** Messages looked at from the end: one that is unreadable does not hide those before it. */
const LOOKED_AT = 100;

/**
 * The newest checkpoint among the last reports published; null if none of them has one, or if the stream is gone, which
 * checkStreams reports. Throws when the server does not reply.
 */
export async function lastPublished(nc: NatsConnection, subjects: Subjects): Promise<Checkpoint | null> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const stream = subjects.streams.reports;
  const last = await manager.streams
    .getMessage(stream, { last_by_subj: subjects.auditReports })
    .catch((error) => {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
      throw error;
    });
  for (let seq = last?.seq ?? 0; last && seq > Math.max(0, last.seq - LOOKED_AT); seq--) {
    const message = seq === last.seq ? last : await manager.streams.getMessage(stream, { seq });
    const checkpoint = message && checkpointIn(() => message.json());
    if (checkpoint) return checkpoint;
  }
  return null;
}

function checkpointIn(read: () => unknown): Checkpoint | null {
  try {
    const report = publishedReportSchema.safeParse(read());
    return report.success ? report.data.checkpoint : null;
  } catch {
    return null;
  }
}
