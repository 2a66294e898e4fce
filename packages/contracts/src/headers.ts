/** Headers of a command on the log. */
export const HEADERS = {
  /** The dedup key, scoped to the vendor, remembered for ever: 1–255 printable ASCII characters. */
  messageId: 'Message-Id',
  /** `<client>.<n>`: where on the source's own outcome subject the reply goes. */
  replyToken: 'Reply-Token',
  /** Milliseconds since 1970; a command not decided by then is never executed. */
  expiresAt: 'Expires-At',
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
  /** `<stream epoch>/<sequence>`: where the command stands in the log. */
  command: 'Command',
  /** Milliseconds since 1970 at which the ledger decided. */
  decidedAt: 'Decided-At',
} as const;

/** `<client>.<n>`, both one token. */
export const REPLY_TOKEN = /^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}$/;

export const contentType = (schema: string): string => `application/json; schema=${schema}`;

/** The schema named by a content type, e.g. "charge.v1"; null if it names none. */
export function schemaOf(contentTypeHeader: string): string | null {
  return /^application\/json;\s*schema=([a-z-]+\.v[0-9]+)$/.exec(contentTypeHeader)?.[1] ?? null;
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
    pattern: '^[!-~]([ -~]{0,253}[!-~])?$',
    meaning:
      'The key of the command within its vendor, remembered for ever: whatever is sent again under it gets the one outcome. 1 to 255 printable ASCII characters, no space at either end. Keys that begin like those of the services (`credit-request-`, `reverse-`, `admin-` and the like) are theirs',
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
    pattern: '^[0-9]{1,15}$',
    meaning:
      'Milliseconds since 1970; a command that is not decided by then is never executed. Without it, a command waits for ever',
    example: '1795435200000',
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
    pattern: '^[!-~]([ -~]{0,253}[!-~])?$',
    meaning:
      "JetStream's own, taken as the key if there is no Message-Id. Do not send it: the stream would swallow a repeat sent at once, which should be answered",
    example: 'order-4711',
  },
];
