import type { Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Reader } from '../audit/snapshot.ts';
import type { NewFinding } from '../domain/finding.ts';
import { matchEvents, parseEvent } from './match-events.ts';

/** The events that the stream held before the snapshot: the rows that they report were committed by then. */
export interface EventSpan {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

interface Streams {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
}

/** Returns what LEDGER_EVENTS holds now; null if there is no such stream. Throws when the server does not reply. */
export async function readEventSpan({ nc, subjects }: Streams): Promise<EventSpan | null> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  try {
    const { state } = await manager.streams.info(subjects.streams.events);
    return { firstSeq: Math.max(1, state.first_seq), lastSeq: state.last_seq };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
    throw error;
  }
}

interface CompareOptions extends Streams {
  readonly reader: Reader;
  readonly span: EventSpan;
  /** Events up to here were compared before; 0: none. */
  readonly comparedSeq: number;
  readonly signal?: AbortSignal | undefined;
  readonly onFindings: (findings: readonly NewFinding[]) => void;
}

/** Messages asked for at once; they wait in the server meanwhile. */
const BATCH = 500;

/** Holds the rows against what the ledger published of them. Returns the number of events read. */
export async function compareEvents(options: CompareOptions): Promise<number> {
  const { nc, subjects, reader, span, comparedSeq, signal, onFindings } = options;
  const stream = subjects.streams.events;
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  // A stream that ends before what was compared has lost its tail. The ledger publishes that again, under other sequences.
  const fromSeq = comparedSeq > span.lastSeq ? span.firstSeq : Math.max(span.firstSeq, comparedSeq + 1);
  let events = 0;
  for (let seq = fromSeq; seq <= span.lastSeq; seq += BATCH) {
    signal?.throwIfAborted();
    const wanted = Array.from({ length: Math.min(BATCH, span.lastSeq - seq + 1) }, (_, index) => seq + index);
    const messages = await Promise.all(wanted.map((at) => manager.streams.getMessage(stream, { seq: at })));
    // What has left the stream by its age is passed over.
    const batch = messages.filter((message) => message !== null).map(parseEvent);
    events += batch.length;
    onFindings(await matchEvents(reader, batch));
  }
  return events;
}
