import { setTimeout as sleep } from 'node:timers/promises';
import { HEADERS, messageIdIn, parseIsoTime, type Subjects, schemaOf } from '@b2b-charge/contracts';
import { jetStreamOptions, readableHeaders } from '@b2b-charge/runtime';
import { DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type CommandContent, contentOf } from '../domain/command-content.ts';
import { requestText } from '../domain/command-fingerprint.ts';

/** A message of the command log as the auditor reads it, well-formed or not. */
export interface LoggedCommand {
  readonly streamSeq: number;
  readonly subject: string;
  /** As the subject names it, right or wrong; null when it names none. */
  readonly lane: number | null;
  readonly vendorId: number | null;
  readonly messageId: string;
  readonly type: string | null;
  /** The text that its fingerprint covers; null when the body cannot be a command. */
  readonly request: string | null;
  /** The salt that its publisher sent; null without one. */
  readonly phoneSalt: string | null;
  /** The sender by its own word; empty if it names none. */
  readonly principal: string;
  readonly source: string | null;
  readonly reference: string | null;
  /** What else its row must hold; null when the body cannot be a command. */
  readonly content: CommandContent | null;
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
const RESTART_MS = 100;

/**
 * Reads the log from one sequence to another, both included, in batches. What is gone is passed over; what is there and was
 * not delivered is not taken for gone, whatever the consumer says of its end. Throws LogReadError.
 */
export async function readLog(options: ReadOptions): Promise<void> {
  const { fromSeq, toSeq, signal } = options;
  let next = fromSeq;
  for (let restarts = 0; next <= toSeq; restarts++) {
    if (restarts > RESTARTS) throw new LogReadError(`the command log broke off ${RESTARTS} times`);
    if (restarts > 0) await sleep(RESTART_MS, undefined, { signal });
    signal?.throwIfAborted();
    const read = await readOn(options, next);
    next = read.next;
    if (read.atEnd && !(await holdsAny(options, next, toSeq))) return;
  }
}

/** Reads until the end or until the consumer breaks off. */
async function readOn(options: ReadOptions, fromSeq: number): Promise<{ next: number; atEnd: boolean }> {
  const { nc, subjects, toSeq, onBatch, signal } = options;
  const consumer = await jetstream(nc, jetStreamOptions(nc)).consumers.get(subjects.streams.commands, {
    opt_start_seq: fromSeq,
    deliver_policy: DeliverPolicy.StartSequence,
  });
  const info = await consumer.info();
  if (info.num_pending === 0) return { next: fromSeq, atEnd: true };
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
  let expected = fromSeq;
  let atEnd = false;
  let batch: LoggedCommand[] = [];
  try {
    for await (const message of messages) {
      const seq = message.info.streamSequence;
      if (seq > expected && (await holdsAny(options, expected, Math.min(seq - 1, toSeq)))) break;
      expected = seq + 1;
      if (seq <= toSeq) batch.push(parse(message, subjects));
      atEnd = seq >= toSeq || message.info.pending === 0;
      if (atEnd || batch.length >= BATCH) {
        await onBatch(batch);
        batch = [];
        next = expected;
      }
      if (atEnd) break;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await messages.close().catch(() => {});
    await consumer.delete().catch(() => {});
  }
  return { next, atEnd };
}

/**
 * Whether messages stand in the log that a reader passed over or stopped short of. A consumer's word is not enough: one on a
 * server that lags behind its cluster sees an earlier end. Of a log with holes nobody can tell; they are a finding anyway.
 */
async function holdsAny({ nc, subjects }: ReadOptions, from: number, to: number): Promise<boolean> {
  if (from > to) return false;
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const { state } = await manager.streams.info(subjects.streams.commands);
  return !state.num_deleted && Math.max(from, state.first_seq) <= Math.min(to, state.last_seq);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(message: JsMsg, subjects: Subjects): LoggedCommand {
  const headers = readableHeaders(() => message.headers);
  const header = (name: string) => headers?.get(name) ?? '';
  const address = subjects.parseCommand(message.subject);
  const schema = schemaOf(header(HEADERS.contentType)) ?? '';
  const body = parseJson(message.data);
  return {
    streamSeq: message.info.streamSequence,
    subject: message.subject,
    lane: subjects.laneIn(message.subject),
    vendorId: address?.vendorId ?? null,
    messageId: messageIdIn(header),
    type: schema.slice(0, schema.lastIndexOf('.')) || null,
    request: requestText(schema, body),
    phoneSalt: textOf(body, 'phone_salt'),
    principal: header(HEADERS.principal),
    source: address?.source ?? null,
    reference: textOf(body, 'reference'),
    content: contentOf(schema, body),
    amount: textOf(body, 'amount'),
    phoneNumber: textOf(body, 'phone_number'),
    expiresAtMs: parseIsoTime(header(HEADERS.expiresAt)),
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
