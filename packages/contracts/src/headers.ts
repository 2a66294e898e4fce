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

/** `<client>.<n>`, both one token. */
export const REPLY_TOKEN = /^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}$/;

export const contentType = (schema: string): string => `application/json; schema=${schema}`;

/** The schema named by a content type, e.g. "charge.v1"; null if it names none. */
export function schemaOf(contentTypeHeader: string): string | null {
  return /^application\/json;\s*schema=([a-z-]+\.v[0-9]+)$/.exec(contentTypeHeader)?.[1] ?? null;
}
