import type { ErrorCode } from './errors.ts';
import type { MessageKey } from './messages/index.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Success {
  readonly kind: 'success';
  readonly status: number;
  readonly data: unknown;
  readonly message: MessageKey;
  readonly headers: Headers | undefined;
}

export interface Failure {
  readonly kind: 'failure';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Headers | undefined;
  /** Names the request in the answer; the current one unless told. */
  readonly requestId: string | undefined;
}

/** An answer without the envelope: CSV, metrics, pages. */
export interface Raw {
  readonly kind: 'raw';
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

export type Reply = Success | Failure | Raw;

export const success = (
  message: MessageKey,
  data: unknown,
  { status = 200, headers }: { status?: number; headers?: Headers | undefined } = {},
): Success => ({ kind: 'success', status, data, message, headers });

export const failure = (
  code: ErrorCode,
  options: {
    details?: Readonly<Record<string, unknown>> | undefined;
    headers?: Headers | undefined;
    requestId?: string | undefined;
  } = {},
): Failure => ({
  kind: 'failure',
  code,
  details: options.details,
  headers: options.headers,
  requestId: options.requestId,
});

export const raw = (status: number, headers: Headers, body: Raw['body']): Raw => ({
  kind: 'raw',
  status,
  headers,
  body,
});
