import type { Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

/** A stream that an audit needs, by the time at which the server made it: one that is made again has another. */
export interface StreamIdentity {
  readonly name: string;
  /** ISO 8601 with nanoseconds, as the server writes it; null if there is no such stream. */
  readonly created: string | null;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Reads the identities of the command log, the events and the reports. Throws when the server does not reply. */
export async function readStreams(
  nc: NatsConnection,
  { streams: { commands, events, reports } }: Subjects,
): Promise<StreamIdentity[]> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  return await Promise.all(
    [commands, events, reports].map(async (name) => {
      const info: StreamInfo | null = await manager.streams.info(name).catch((error) => {
        if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
          return null;
        throw error;
      });
      const { first_seq: firstSeq = 0, last_seq: lastSeq = 0 } = info?.state ?? {};
      return { name, created: info ? String(info.created) : null, firstSeq, lastSeq };
    }),
  );
}

/** Whether this system was ever audited. Its first audit registers the streams; later ones find them missing. */
async function isFirstAudit(reader: Reader, reports: StreamIdentity): Promise<boolean> {
  if (reports.created === null || reports.lastSeq > 0) return false;
  const rows = await reader.query(
    `SELECT FROM reconciler.checkpoints UNION ALL
     SELECT FROM reconciler.runs WHERE status IN ('verified', 'minor', 'critical') LIMIT 1`,
  );
  return rows.length === 0;
}

export interface StreamCheck {
  /** The streams are to be registered when this audit ends. */
  readonly first: boolean;
  readonly findings: readonly NewFinding[];
}

/** Every stream that was registered is there, and is the one that it was. */
export async function checkStreams(reader: Reader, streams: readonly StreamIdentity[]): Promise<StreamCheck> {
  const rows = await reader.query<{ name: string; created: string }>(
    'SELECT name, created FROM reconciler.streams',
  );
  const first = rows.length === 0 && (await isFirstAudit(reader, streams.at(-1)!));
  const known = new Map(rows.map(({ name, created }) => [name, created]));
  const findings = streams.flatMap((stream) => {
    const expected = known.get(stream.name);
    if (stream.created === null) return [different(stream, `the stream ${stream.name} is gone`, expected)];
    if (first || stream.created === expected) return [];
    const message =
      expected === undefined
        ? `nothing is registered of the stream ${stream.name}, though this system was audited before`
        : `the stream ${stream.name} was deleted and made again: what it held is no evidence any more`;
    return [different(stream, message, expected)];
  });
  return { first, findings };
}

const different = (stream: StreamIdentity, message: string, expected: string | undefined): NewFinding =>
  finding({
    check: 'witness',
    message,
    expected: expected ? `made at ${expected}` : 'a registered stream',
    found: stream.created ? `made at ${stream.created}` : 'none',
  });

/** From now on these are the streams, and what was published before is no longer asked for. */
export async function registerStreams(pool: pg.Pool, streams: readonly StreamIdentity[]): Promise<void> {
  const there = streams.filter(({ created }) => created !== null);
  await pool.query(
    `INSERT INTO reconciler.streams (name, created) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (name) DO UPDATE SET created = excluded.created, registered_at = clock_timestamp()`,
    [there.map(({ name }) => name), there.map(({ created }) => created)],
  );
  await pool.query('UPDATE reconciler.runs SET published_seq = NULL WHERE published_seq IS NOT NULL');
}
