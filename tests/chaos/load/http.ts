import type { Answer } from './book.ts';
import { minorOf } from './money.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly replayed: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: answers of several routes, looked into field by field
  readonly body: any;
}

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly timeoutMs: number;
}

/** One request. Null if there was no answer; 'unsent' if there was nobody to connect to. */
export async function send(url: string, request: HttpRequest): Promise<HttpAnswer | 'unsent' | null> {
  const { method, path, token, body, key, timeoutMs } = request;
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Token ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, replayed, body: await response.json() };
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return cause?.code === 'ECONNREFUSED' ? 'unsent' : null;
  }
}

/** For requests whose answer is all that matters. */
export async function ask(url: string, request: HttpRequest): Promise<HttpAnswer | null> {
  const answer = await send(url, request);
  return answer === 'unsent' ? null : answer;
}

/** Rejections that the ledger records and replays. */
const RECORDED = new Set([
  'INSUFFICIENT_BALANCE',
  'DAILY_LIMIT_EXCEEDED',
  'VENDOR_INACTIVE',
  'ALREADY_REVERSED',
  'NOT_REVERSIBLE',
]);
/** Failures that are an outcome's absence: nothing was published, or it came too late. */
const NOTHING_DONE = new Set(['EXPIRED', 'UNAVAILABLE', 'OVERLOADED']);

/** What an answer to a sale or a reversal says. */
export function answerOf(answer: HttpAnswer | 'unsent' | null): Answer {
  if (answer === 'unsent') return { kind: 'nothing-done', code: 'not connected' };
  if (answer === null) return { kind: 'doubt', code: 'no answer' };
  const { status, body, replayed } = answer;
  if (status === 200) {
    const { transaction_id: id, balance_before, balance_after } = body.data;
    const [before, after] = [minorOf(balance_before), minorOf(balance_after)];
    return { kind: 'told', replayed, told: { outcome: 'posted', id, before, after } };
  }
  if (status === 202) return { kind: 'doubt', code: 'PENDING' };
  const code: string = body.error?.code ?? String(status);
  if (RECORDED.has(code)) {
    return { kind: 'told', replayed, told: { outcome: 'rejected', id: body.error.request_id, code } };
  }
  if (code === 'IDEMPOTENCY_KEY_REUSED') return { kind: 'key-reused' };
  if (NOTHING_DONE.has(code)) return { kind: 'nothing-done', code };
  if (status === 500) return { kind: 'doubt', code: 'INTERNAL' };
  return { kind: 'wrong', text: `answered ${status} ${JSON.stringify(body)}` };
}
