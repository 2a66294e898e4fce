import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { BlockedError, type Lookup, resolveAllowed } from './resolve.ts';

/** What became of an attempt. */
export type Attempt =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'blocked' | 'timeout' | 'failed'; readonly error: string };

export interface PostOptions {
  readonly isAllowed: AddressGuard;
  readonly timeoutMs: number;
  readonly lookup?: Lookup;
  /** Ends the attempt early: the service stops. */
  readonly signal?: AbortSignal;
}

/** Of an answer, before the connection is closed. Nobody looks at what it says. */
const MAX_ANSWER_BYTES = 16_384;
const MAX_HEADER_BYTES = 16_384;

/**
 * One POST. Never throws for what an endpoint does: silence, a reset, a redirect (which is not followed) are attempts
 * that failed. The answer counts when its head is there; its body is thrown away.
 */
export async function post(
  target: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  { isAllowed, timeoutMs, lookup, signal }: PostOptions,
): Promise<Attempt> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const ending = signal ? AbortSignal.any([timeout, signal]) : timeout;
  try {
    const url = new URL(target);
    const { address, family } = await race(resolveAllowed(url, isAllowed, lookup), ending);
    const answer = await request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      body,
      signal: ending,
      lookup: (_hostname, { all }, done) =>
        all ? done(null, [{ address, family }]) : done(null, address, family),
    });
    return { kind: 'answered', status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] };
  } catch (error) {
    if (error instanceof BlockedError) return { kind: 'blocked', error: error.message };
    if (timeout.aborted) return { kind: 'timeout', error: `no answer within ${timeoutMs} ms` };
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: 'failed', error: typeof code === 'string' ? code : message.slice(0, 200) };
  }
}

interface RequestOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
}

/** Resolves with the head of the answer. */
function request(url: URL, { body, ...options }: RequestOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const client = url.protocol === 'https:' ? https : http;
  // A connection of its own: one that is kept could not be told from one to an address that was allowed before.
  const outgoing = client.request(url, { ...options, agent: false, maxHeaderSize: MAX_HEADER_BYTES });
  outgoing.on('error', reject);
  outgoing.on('response', (answer) => {
    discard(answer);
    resolve(answer);
  });
  outgoing.end(body);
  return promise;
}

/** Lets a short body pass, so that the endpoint sees its answer taken; cuts a long one off. */
function discard(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) answer.destroy();
  });
  answer.on('error', () => {});
}

function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {});
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return Promise.race([promise, aborted]);
}
