import { PRINCIPAL, principal } from './principals.ts';

/** Headers of a command on the log. */
export const HEADERS = {
  /** The command's identity within its vendor, remembered for ever: 1–255 printable ASCII characters. */
  messageId: 'Message-Id',
  /** `<client>.<n>`: where on the source's own outcome subject the reply goes. */
  replyToken: 'Reply-Token',
  /** ISO 8601; a command not decided by then is never executed. */
  expiresAt: 'Expires-At',
  /** Sender, as in principals.ts; believed from the services alone. */
  principal: 'Principal',
  /** `application/json; schema=charge.v1` */
  contentType: 'Content-Type',
  /** W3C trace context. */
  traceparent: 'traceparent',
  /** JetStream's own; taken as the message id of a publisher that sets no other. */
  natsMessageId: 'Nats-Msg-Id',
} as const;

/** The message id among a command's headers, as it stands there: JetStream's own if there is no other, empty if none. */
export const messageIdIn = (header: (name: string) => string | null | undefined): string =>
  header(HEADERS.messageId) || header(HEADERS.natsMessageId) || '';

/** Headers of an event, besides `Nats-Msg-Id`, which is its transaction's id. */
export const EVENT_HEADERS = {
  /** `<stream>/<stream epoch>/<sequence>/<index>`: where the command stands in the log. */
  command: 'Command',
  /** ISO 8601: when the ledger decided. */
  decidedAt: 'Decided-At',
} as const;

/** `<client>.<n>`, both one token. */
export const REPLY_TOKEN = /^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}$/;

export const contentType = (schema: string): string => `application/json; schema=${schema}`;

/** The schema named by a content type, e.g. "charge.v1"; null if it names none. */
export function schemaOf(contentTypeHeader: string): string | null {
  return /^application\/json;\s*schema=([a-z-]+\.v[0-9]+)$/.exec(contentTypeHeader)?.[1] ?? null;
}

const ISO_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Epoch ms of an ISO 8601 time with a zone; null for anything else. */
export function parseIsoTime(text: string): number | null {
  if (!ISO_TIME.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

export interface HeaderRule {
  readonly name: string;
  readonly required: boolean;
  /** A regular expression, as JSON Schema has it. */
  readonly pattern: string;
  readonly meaning: string;
  readonly example: string;
}

/** The headers of a command, as they are published. */
export const HEADER_RULES: readonly HeaderRule[] = [
  {
    name: HEADERS.messageId,
    required: true,
    pattern: '^[!-}]([ -~]{0,253}[!-~])?$',
    meaning:
      'The key of the command within its vendor, remembered for ever: a repeat under it gets the one outcome. 1 to 255 printable ASCII characters, no space at either end, not beginning with `~`: such ids are made by the services',
    example: 'order-4711',
  },
  {
    name: HEADERS.contentType,
    required: true,
    pattern: '^application/json;\\s*schema=[a-z-]+\\.v[0-9]+$',
    meaning: 'The schema of the body, with its version',
    example: contentType('charge.v1'),
  },
  {
    name: HEADERS.expiresAt,
    required: false,
    pattern: ISO_TIME.source,
    meaning:
      'An ISO 8601 time; a command that is not decided by then is never executed. Without it, a command waits for ever',
    example: '2026-11-23T12:00:00.000Z',
  },
  {
    name: HEADERS.principal,
    required: false,
    pattern: PRINCIPAL.source,
    meaning:
      'Who sent the command, for the services alone: an internal system is `system:<its name>`, whatever it sends',
    example: principal('token', 17),
  },
  {
    name: HEADERS.replyToken,
    required: false,
    pattern: REPLY_TOKEN.source,
    meaning:
      '`<client>.<n>`: the outcome is sent to `ledger.outcomes.<source>.<client>.<n>`. Without it, or with another form, it is sent nowhere',
    example: 'till-7.42',
  },
  {
    name: HEADERS.traceparent,
    required: false,
    pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}',
    meaning: 'W3C trace context',
    example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  {
    name: HEADERS.natsMessageId,
    required: false,
    pattern: '^[!-}]([ -~]{0,253}[!-~])?$',
    meaning:
      "JetStream's own, taken as the key if there is no Message-Id. Do not send it: the stream would swallow a repeat sent at once, which should be answered",
    example: 'order-4711',
  },
];
