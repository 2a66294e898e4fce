import { createHmac } from 'node:crypto';
import {
  COMMAND_SCHEMAS,
  type CommandRequest,
  type CommandType,
  type DeadLetterReason,
  fingerprint,
  HEADERS,
  isCommandSchema,
  isService,
  JsonError,
  mayCommand,
  mayUseMessageId,
  messageIdIn,
  onItsLane,
  PRINCIPAL,
  parseIsoTime,
  parseMessageId,
  parseStrictJson,
  principal,
  REPLY_TOKEN,
  type Subjects,
  schemaOf,
} from '@b2b-charge/contracts';
import type { LogEntry, RawMessage, Unreadable } from '../domain/command.ts';

/** A message of the command log, whatever client brought it. */
export interface LogMessage {
  readonly subject: string;
  readonly streamSeq: number;
  readonly timeMs: number;
  readonly payload: Uint8Array;
  /** Empty if there is none. */
  header(name: string): string;
  /** True if the header stands there more than once. */
  isRepeated(name: string): boolean;
  headers(): ReadonlyArray<readonly [string, string]>;
}

export interface LaneReading {
  readonly lane: number;
  readonly streamEpoch: number;
  readonly lanes: number;
  readonly subjects: Subjects;
  /** Derives the salt of a phone number whose publisher sent none. */
  readonly phoneSaltKey: Buffer;
}

class Refusal extends Error {
  override name = 'Refusal';
  readonly reason: DeadLetterReason;
  constructor(reason: DeadLetterReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** Turns a message into a command, or says why it cannot be one. Never throws. */
export function parseEntry(message: LogMessage, reading: LaneReading): LogEntry {
  const { lane, streamEpoch, subjects } = reading;
  const { streamSeq, timeMs } = message;
  const header = (name: string) => message.header(name);
  const address = subjects.parseCommand(message.subject);
  const token = header(HEADERS.replyToken);
  const replyTo = address && REPLY_TOKEN.test(token) ? subjects.outcome(address.source, token) : null;
  const source = address?.source ?? null;
  const head = { lane, streamEpoch, streamSeq, timeMs, source, replyTo, header, raw: () => rawOf(message) };
  const messageIdText = messageIdIn(header);
  try {
    if (!address)
      throw new Refusal('MALFORMED', 'the subject is not ledger.commands.<lane>.<source>.<vendor>');
    if (!onItsLane(address, reading.lanes)) {
      throw new Refusal('WRONG_LANE', `vendor ${address.vendorId} is not on lane ${address.lane}`);
    }
    const messageId = parseMessageId(messageIdText);
    if (!messageId)
      throw new Refusal('MALFORMED', 'Message-Id: 1 to 255 printable ASCII characters are needed');
    if (message.isRepeated(HEADERS.messageId))
      throw new Refusal('MALFORMED', 'Message-Id: stands there twice, so it is not clear which one is meant');
    if (!mayUseMessageId(address.source, messageId))
      throw new Refusal('NOT_PERMITTED', 'Message-Id: only the services make ids that begin with ~');
    const request = parseBody(message, address.source);
    const phoneSalt = phoneSaltOf(request, { ...address, messageId }, reading.phoneSaltKey);
    return {
      kind: 'command',
      ...head,
      vendorId: address.vendorId,
      source: address.source,
      messageId,
      expiresAtMs: parseExpiry(message.header(HEADERS.expiresAt)),
      request,
      fingerprint: fingerprint(request, phoneSalt),
      principal: parsePrincipal(header(HEADERS.principal), address.source),
      phoneSalt,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const messageId = parseMessageId(messageIdText);
    return {
      kind: 'unreadable',
      ...head,
      messageId,
      reason: error.reason,
      detail: error.message,
    } satisfies Unreadable;
  }
}

/** A byte order mark stays, and is no JSON. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseBody(message: LogMessage, source: string): CommandRequest {
  const contentType = message.header(HEADERS.contentType);
  const schema = schemaOf(contentType);
  if (!schema || !isCommandSchema(schema)) {
    throw new Refusal(
      'UNKNOWN_SCHEMA',
      `Content-Type: no known schema in ${JSON.stringify(contentType.slice(0, 100))}`,
    );
  }
  const type = schema.slice(0, schema.lastIndexOf('.')) as CommandType;
  if (!mayCommand(source, type)) {
    throw new Refusal('NOT_PERMITTED', `${source} is an internal system: it may not send ${type} commands`);
  }
  let json: unknown;
  try {
    json = parseStrictJson(decoder.decode(message.payload));
  } catch (error) {
    const where = error instanceof JsonError ? `: ${error.message}` : '';
    throw new Refusal('MALFORMED', `the body is not JSON${where}`.slice(0, 500));
  }
  const body = COMMAND_SCHEMAS[schema].safeParse(json);
  if (!body.success) {
    const issues = body.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    throw new Refusal('MALFORMED', issues.join('; ').slice(0, 500));
  }
  return { type, ...body.data } as CommandRequest;
}

function parseExpiry(text: string): number | null {
  if (text === '') return null;
  const ms = parseIsoTime(text);
  if (ms === null) throw new Refusal('MALFORMED', 'Expires-At: not an ISO 8601 time with a zone');
  return ms;
}

/** An internal system is its own principal, whatever it sends; a service names the token or the operator. */
function parsePrincipal(text: string, source: string): string {
  if (text === '' || !isService(source)) return principal('system', source);
  if (!PRINCIPAL.test(text)) {
    throw new Refusal('MALFORMED', 'Principal: not token:<id>, operator:<name> or system:<name>');
  }
  return text;
}

/** Returns the publisher's salt. Without one it derives a salt, so that a second reading of the log gets the same. */
function phoneSaltOf(
  request: CommandRequest,
  { vendorId, messageId }: { vendorId: number; messageId: string },
  key: Buffer,
): string | null {
  if (request.type !== 'charge') return null;
  return (
    request.phone_salt ??
    createHmac('sha256', key).update(`${vendorId}\n${messageId}`).digest('hex').slice(0, 32)
  );
}

const rawOf = (message: LogMessage): RawMessage => ({
  subject: message.subject,
  headers: message.headers(),
  payload: message.payload,
});
