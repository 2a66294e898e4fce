import { HEADERS, messageIdIn, type Subjects, schemaOf } from '@b2b-charge/contracts';
import { DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { commandFingerprint } from '../domain/command-fingerprint.ts';

/** A message of the command log as the auditor reads it, well-formed or not. */
export interface LoggedCommand {
  readonly streamSeq: number;
  readonly subject: string;
  /** Null when the subject names none. */
  readonly lane: number | null;
  readonly vendorId: number | null;
  readonly messageId: string;
  readonly type: string | null;
  /** Null when the body cannot be a command. */
  readonly fingerprint: string | null;
  readonly amount: string | null;
  readonly phoneNumber: string | null;
  readonly expiresAtMs: number | null;
}

export class LogReadError extends Error {
  override name = 'LogReadError';
}

interface ReadOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly signal?: AbortSignal | undefined;
  readonly onBatch: (commands: readonly LoggedCommand[]) => Promise<void>;
}

const BATCH = 500;
/** Restarts of the reader in one run: a server may restart under it, but not for ever. */
const RESTARTS = 20;

/** Reads the log from one sequence to another, both included, in batches. Throws LogReadError. */
export async function readLog(options: ReadOptions): Promise<void> {
  let next = options.fromSeq;
  for (let restarts = 0; next <= options.toSeq; restarts++) {
    if (restarts > RESTARTS) throw new LogReadError(`the command log broke off ${RESTARTS} times`);
    options.signal?.throwIfAborted();
    next = await readOn(options, next);
  }
}

/** Reads until the end or until the consumer breaks off; returns the next sequence to read. */
async function readOn(options: ReadOptions, fromSeq: number): Promise<number> {
  const { nc, subjects, toSeq, onBatch, signal } = options;
  const consumer = await jetstream(nc).consumers.get(subjects.streams.commands, {
    opt_start_seq: fromSeq,
    deliver_policy: DeliverPolicy.StartSequence,
  });
  // Nothing at all behind `fromSeq`: the messages up to `toSeq` are gone.
  const info = await consumer.info();
  if (info.num_pending === 0) return toSeq + 1;
  const messages = await consumer.consume({
    max_messages: 2 * BATCH,
    idle_heartbeat: 2_000,
    expires: 10_000,
  });
  void (async () => {
    for await (const status of messages.status()) {
      if (status.type === 'heartbeats_missed') await messages.close().catch(() => {});
    }
  })();
  const abort = () => void messages.close().catch(() => {});
  signal?.addEventListener('abort', abort, { once: true });
  let next = fromSeq;
  let batch: LoggedCommand[] = [];
  try {
    for await (const message of messages) {
      const seq = message.info.streamSequence;
      if (seq <= toSeq) batch.push(parse(message, subjects));
      const done = seq >= toSeq || message.info.pending === 0;
      if (done || batch.length >= BATCH) {
        await onBatch(batch);
        batch = [];
        next = done ? toSeq + 1 : seq + 1;
      }
      if (done) break;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await messages.close().catch(() => {});
    await consumer.delete().catch(() => {});
  }
  return next;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The server takes any bytes for headers, and the client throws at some: such a message counts as one without any. */
function readableHeaders(message: JsMsg): JsMsg['headers'] {
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}

function parse(message: JsMsg, subjects: Subjects): LoggedCommand {
  const headers = readableHeaders(message);
  const header = (name: string) => headers?.get(name) ?? '';
  const address = subjects.parseCommand(message.subject);
  const schema = schemaOf(header(HEADERS.contentType)) ?? '';
  const body = parseJson(message.data);
  const expires = header(HEADERS.expiresAt);
  return {
    streamSeq: message.info.streamSequence,
    subject: message.subject,
    lane: address?.lane ?? null,
    vendorId: address?.vendorId ?? null,
    messageId: messageIdIn(header),
    type: schema.slice(0, schema.lastIndexOf('.')) || null,
    fingerprint: commandFingerprint(schema, body),
    amount: textOf(body, 'amount'),
    phoneNumber: textOf(body, 'phone_number'),
    expiresAtMs: /^[0-9]{1,15}$/.test(expires) ? Number(expires) : null,
  };
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data));
  } catch {
    return null;
  }
}

function textOf(body: unknown, name: string): string | null {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : null;
  return typeof value === 'string' ? value : null;
}
