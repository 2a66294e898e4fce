import { isAway } from '@b2b-charge/runtime';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Authenticate } from './authenticate.ts';
import { readJsonBody } from './body.ts';
import { respond } from './envelope.ts';
import { Refusal } from './errors.ts';
import type { HttpService } from './http-service.ts';
import { refuseTwoKeys } from './idempotency-key.ts';
import type { Verdict } from './limits/rate-limiter.ts';
import { localeOf } from './messages/index.ts';
import { limitHeaders, takePoints } from './rate-limit.ts';
import { failure, type Headers, type Reply } from './reply.ts';
import type { Route } from './route.ts';
import { traceRequests } from './tracing/trace-requests.ts';
import { validate } from './validate.ts';

export type HttpContext = Context<{ Bindings: HttpBindings }>;

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Ids of requests: the caller's own if it has one, else unique to this process and boot. */
export function createRequestIds(boot: string): (given: string | string[] | undefined) => string {
  let next = 0;
  return (given) =>
    typeof given === 'string' && REQUEST_ID.test(given) ? given : `${boot}-${(next++).toString(36)}`;
}

interface PipelineOptions<S extends HttpService> {
  readonly service: S;
  readonly authenticate: Authenticate;
  requestId(given: string | string[] | undefined): string;
}

/** A route's handler, traced where traces are collected. */
export function createHandler<S extends HttpService>(route: Route<S>, options: PipelineOptions<S>) {
  const handle = createPlainHandler(route, options);
  const { tracing } = options.service;
  return tracing ? traceRequests(tracing, route, handle) : handle;
}

/** Token, rate limit, validation, handler, answer: the same for every route. */
function createPlainHandler<S extends HttpService>(
  route: Route<S>,
  { service, authenticate, requestId }: PipelineOptions<S>,
) {
  const operation = route.operationId;
  const answered = service.metrics.operation(operation);
  const { limiter } = service;
  const maxBodyBytes = service.config.MAX_BODY_BYTES;
  return async (context: HttpContext): Promise<Response> => {
    const startedAt = performance.now();
    const { incoming } = context.env;
    const { headers } = incoming;
    const locale = localeOf(headers['accept-language']);
    const id = requestId(headers['x-request-id']);
    let limits: Headers | undefined;
    let reply: Reply;
    try {
      const found = authenticate(incoming, route);
      const principal = found instanceof Promise ? await found : found;
      if (limiter && principal?.role === 'vendor') {
        const taken = takePoints(limiter, principal, 1);
        limits = accept(taken instanceof Promise ? await taken : taken, service);
      }
      const body = route.body && (await readJsonBody(incoming, maxBodyBytes));
      const input = validate(
        route,
        { params: route.params && context.req.param(), url: incoming.url ?? '/', body },
        locale,
      );
      const more = route.cost ? route.cost(input.body) - 1 : 0;
      if (limiter && more > 0 && principal?.role === 'vendor') {
        limits = accept(await takePoints(limiter, principal, more), service);
      }
      if (route.takesKey) refuseTwoKeys(incoming, locale);
      reply = await route.handle({ principal, ...input, headers, locale, requestId: id }, service);
    } catch (error) {
      reply = replyOf(error, service, operation, id);
    }
    const response = respond(reply, { locale, requestId: id, headers: limits });
    answered(response.status, (performance.now() - startedAt) / 1_000);
    return response;
  };
}

/** The headers of a verdict. Throws Refusal, with them, if there are no points left. */
function accept(verdict: Verdict, service: HttpService): Headers {
  const headers = limitHeaders(verdict, service.now());
  if (!verdict.allowed) throw new Refusal('RATE_LIMITED', { headers });
  return headers;
}

/** A fault is logged and says nothing about itself. */
function replyOf(error: unknown, service: HttpService, operation: string, requestId: string): Reply {
  if (error instanceof Refusal) {
    service.metrics.refusals.count(error.code);
    if (error.code === 'INTERNAL')
      service.log.error({ err: error.cause ?? error, operation, requestId }, 'fault');
    return failure(error.code, { details: error.details, headers: error.headers });
  }
  if (isAway(error)) {
    service.log.warn({ err: error, operation, requestId }, 'a dependency is away');
    return failure('UNAVAILABLE', { headers: RETRY });
  }
  service.log.error({ err: error, operation, requestId }, 'fault');
  return failure('INTERNAL');
}

const RETRY = { 'retry-after': '1' };
