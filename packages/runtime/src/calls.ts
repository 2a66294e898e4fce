import {
  CALLS,
  type CallName,
  type CallReply,
  type CallRequest,
  type CallResponse,
  HEADERS,
  JsonError,
  parseStrictJson,
  parseVendorId,
  type Subjects,
  VENDOR_CALLS,
  type VendorCallName,
} from '@b2b-charge/contracts';
import {
  type Msg,
  type NatsConnection,
  headers as natsHeaders,
  type RequestOptions,
} from '@nats-io/transport-node';
import type { z } from 'zod';
import { isAway } from './is-away.ts';
import type { Logger } from './logs/logger.ts';
import { parseTraceparent } from './tracing/traceparent.ts';

/** A refusal that the caller may see: a stable code and a sentence. */
export class CallError extends Error {
  override name = 'CallError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The headers of a request that a handler passes on. */
export interface CallContext {
  /** The caller's W3C trace context, for the commands that the call leads to. */
  readonly traceparent: string | undefined;
}

export type CallHandlers<N extends CallName> = {
  [K in N]: (
    request: ReturnType<(typeof CALLS)[K]['request']['parse']>,
    context: CallContext,
  ) => Promise<CallResponse<K>>;
};

interface ServeOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  /** Currency of every amount in a reply, as in ISO 4217. */
  readonly currency: string;
  /** Requests handled at once; more are refused with BUSY. */
  readonly maxInFlight?: number;
}

/**
 * Answers calls in a queue group, so that any replica may take one. Faults become INTERNAL, or UNAVAILABLE while a
 * dependency is away, and are logged.
 */
export function serveCalls<N extends CallName>(
  options: ServeOptions,
  handlers: CallHandlers<N>,
): AsyncDisposable {
  const { nc, subjects, log, currency, maxInFlight = 256 } = options;
  const underWay = new Set<Promise<void>>();
  const subscriptions = (Object.keys(handlers) as N[]).flatMap((name) =>
    subjectsOf(subjects, name).map((subject) =>
      nc.subscribe(subject, {
        queue: name,
        callback: (error, message) => {
          if (error) return log.error({ err: error, call: name }, 'call subscription failed');
          // A message may name any subject for its answer.
          if (!isReplySubject(message.reply)) return;
          if (underWay.size >= maxInFlight)
            return respond(message, refusal('BUSY', 'too many requests at once'));
          const handle = handlers[name] as Handle;
          const answering = answer(name, handle, message, { log, currency }).finally(() =>
            underWay.delete(answering),
          );
          underWay.add(answering);
        },
      }),
    ),
  );
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(subscriptions.map((subscription) => subscription.drain()));
      // What was taken is answered, before what it works with goes.
      await Promise.all(underWay);
    },
  };
}

/** An inbox of this account, or what the server puts in place of another account's subject. */
const isReplySubject = (reply = ''): boolean => reply.startsWith('_INBOX.') || reply.startsWith('_R_.');

const isVendorCall = (name: CallName): name is VendorCallName =>
  (VENDOR_CALLS as readonly string[]).includes(name);

const subjectsOf = (subjects: Subjects, name: CallName): string[] =>
  isVendorCall(name) ? [subjects.call(name), subjects.vendorCall(name, '*')] : [subjects.call(name)];

/** The vendor that the subject names is the one that was asked about; the body may leave it out, not name another. */
function requestOf(name: CallName, message: Msg): unknown {
  const request = bodyOf(message);
  if (!isVendorCall(name) || message.subject.endsWith(name)) return request;
  const vendorId = parseVendorId(message.subject.slice(message.subject.lastIndexOf('.') + 1));
  const named = (request as { vendor_id?: unknown } | null)?.vendor_id;
  if (vendorId === null || (named != null && named !== vendorId)) {
    throw new CallError('BAD_REQUEST', 'the vendor is the one of the subject');
  }
  return { ...(request as object), vendor_id: vendorId };
}

/** A byte order mark stays, and is no JSON. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What HTTP refuses is refused here: duplicate names, deep nesting; and NUL, which PostgreSQL takes in no text. */
function bodyOf({ data }: Msg): unknown {
  if (data.length === 0) return {};
  let text: string;
  try {
    text = decoder.decode(data);
    parseStrictJson(text);
  } catch (cause) {
    const where = cause instanceof JsonError ? `: ${cause.message}` : '';
    throw new CallError('BAD_REQUEST', `the body is not JSON${where}`, { cause });
  }
  if (text.includes('\\u0000')) throw new CallError('BAD_REQUEST', 'a text may not contain NUL');
  return JSON.parse(text);
}

type Handle = (request: never, context: CallContext) => Promise<unknown>;

async function answer(
  name: CallName,
  handle: Handle,
  message: Msg,
  { log, currency }: Pick<ServeOptions, 'log' | 'currency'>,
) {
  try {
    const parsed = CALLS[name].request.safeParse(requestOf(name, message));
    if (!parsed.success) return respond(message, refusal('BAD_REQUEST', describe(parsed.error)));
    respond(message, { ok: true, currency, data: await handle(parsed.data as never, contextOf(message)) });
  } catch (error) {
    if (error instanceof CallError) return respond(message, refusal(error.code, error.message));
    if (isAway(error)) {
      log.warn({ err: error, call: name }, 'a dependency is away');
      return respond(message, refusal('UNAVAILABLE', 'the service cannot answer now'));
    }
    log.error({ err: error, call: name }, 'call failed');
    respond(message, refusal('INTERNAL', 'the service could not answer'));
  }
}

function contextOf({ headers }: Msg): CallContext {
  const given = headers?.get(HEADERS.traceparent) ?? '';
  return { traceparent: parseTraceparent(given) ? given : undefined };
}

/** The first issue with its field: "amount: must be above zero". */
function describe({ issues }: z.ZodError): string {
  const { path = [], message = 'bad request' } = issues[0] ?? {};
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

const refusal = (code: string, message: string): CallReply => ({ ok: false, error: { code, message } });
const respond = (message: Msg, reply: CallReply) => void message.respond(JSON.stringify(reply));

interface CallOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly timeoutMs?: number;
  readonly traceparent?: string | undefined;
}

/** Calls another service and waits for its answer. Throws CallError: the callee's code, or UNAVAILABLE. */
export async function call<N extends CallName>(
  { nc, subjects, timeoutMs = 5_000, traceparent }: CallOptions,
  name: N,
  request: CallRequest<N>,
): Promise<CallResponse<N>> {
  let reply: CallReply;
  try {
    const options: RequestOptions = { timeout: timeoutMs };
    if (traceparent !== undefined) {
      options.headers = natsHeaders();
      options.headers.set(HEADERS.traceparent, traceparent);
    }
    const message = await nc.request(subjects.call(name), JSON.stringify(request), options);
    reply = message.json<CallReply>();
  } catch (error) {
    throw new CallError('UNAVAILABLE', `no answer to ${name}`, { cause: error });
  }
  if (!reply.ok) throw new CallError(reply.error.code, reply.error.message);
  return CALLS[name].response.parse(reply.data) as CallResponse<N>;
}
