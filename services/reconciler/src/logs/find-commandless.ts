import { messageIdIn, type Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions, readableHeaders } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Reader } from '../audit/snapshot.ts';
import { finding, type NewFinding } from '../domain/finding.ts';

/** Rows of one vendor looked up one by one. */
const LOOKED_UP = 500;
/** Findings that describe one vendor's rows; the first ones say enough. */
const DESCRIBED = 20;

const SQL = `SELECT seq, id, message_id, stream_seq FROM ledger.transactions
  WHERE vendor_id = $1 AND stream_epoch = $2 AND stream_seq > $3 ORDER BY seq DESC LIMIT ${LOOKED_UP}`;

interface Options {
  readonly reader: Reader;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly vendorId: number;
  readonly streamEpoch: number;
  readonly afterSeq: number;
  /** Where the lane's reading had come to. */
  readonly cursorSeq: number;
}

/**
 * Names the transactions of a vendor whose command does not stand in the log where they say it does. Throws when the server
 * does not say.
 */
export async function findCommandless(options: Options): Promise<NewFinding[]> {
  const { reader, nc, subjects, vendorId, streamEpoch, afterSeq, cursorSeq } = options;
  const rows = await reader.query<{ seq: string; id: string; message_id: string; stream_seq: string }>(SQL, [
    vendorId,
    streamEpoch,
    afterSeq,
  ]);
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const found: NewFinding[] = [];
  for (const row of rows) {
    if (found.length >= DESCRIBED) break;
    const seq = Number(row.stream_seq);
    const message = await manager.streams.getMessage(subjects.streams.commands, { seq });
    const headers = message && readableHeaders(() => message.header);
    const messageId = messageIdIn((name) => headers?.get(name));
    const fits =
      message &&
      seq <= cursorSeq &&
      subjects.parseCommand(message.subject)?.vendorId === vendorId &&
      messageId === row.message_id;
    if (fits) continue;
    found.push(
      finding({
        check: 'exactly-once',
        message: `the outcome of ${row.message_id} has no command at place ${seq} of the log`,
        vendorId,
        seq: Number(row.seq),
        transactionId: row.id,
        expected: `command ${row.message_id}`,
        found: message ? `${message.subject} ${messageId ?? ''}` : 'nothing',
      }),
    );
  }
  return found;
}
