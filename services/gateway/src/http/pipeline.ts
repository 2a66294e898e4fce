import { isAway } from '@b2b-charge/runtime';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Gateway } from '../gateway.ts';
import type { Verdict } from '../limits/rate-limiter.ts';
import { localeOf } from '../messages/index.ts';
import { traceRequests } from '../tracing/trace-requests.ts';
import type { Authenticate } from './authenticate.ts';
import { readJsonBody } from './body.ts';
import { respond } from './envelope.ts';
import { Refusal } from './errors.ts';
import { refuseTwoKeys } from './idempotency-key.ts';
import { limitHeaders, takePoints } from './rate-limit.ts';
import { failure, type Headers, type Reply } from './reply.ts';
import type { Route } from './route.ts';
import { validate } from './validate.ts';

export type GatewayContext = Context<{ Bindings: HttpBindings }>;

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Ids of requests: the caller's own if it has one, else unique to this process and boot. */
export function createRequestIds(boot: string): (given: string | string[] | undefined) => string {
  let next = 0;
  return (given) =>
    typeof given === 'string' && REQUEST_ID.test(given) ? given : `${boot}-${(next++).toString(36)}`;
}

interface PipelineOptions {
  readonly gateway: Gateway;
  readonly authenticate: Authenticate;
  requestId(given: string | string[] | undefined): string;
}

/** A route's handler, traced where traces are collected. */
export function createHandler(route: Route, options: PipelineOptions) {
  const handle = createPlainHandler(route, options);
  const { tracing } = options.gateway;
  return tracing ? traceRequests(tracing, route, handle) : handle;
}

/** Token, rate limit, validation, handler, answer: the same for every route. */
function createPlainHandler(route: Route, { gateway, authenticate, requestId }: PipelineOptions) {
  const operation = route.operationId;
  const answered = gateway.metrics.operation(operation);
  const maxBodyBytes = gateway.config.MAX_BODY_BYTES;
  return async (context: GatewayContext): Promise<Response> => {
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
      if (principal?.role === 'vendor') {
        const taken = takePoints(gateway, principal, 1);
        limits = accept(taken instanceof Promise ? await taken : taken, gateway);
      }
      const body = route.body && (await readJsonBody(incoming, maxBodyBytes));
      const input = validate(
        route,
        { params: route.params && context.req.param(), url: incoming.url ?? '/', body },
        locale,
      );
      const more = route.cost ? route.cost(input.body) - 1 : 0;
      if (more > 0 && principal?.role === 'vendor') {
        limits = accept(await takePoints(gateway, principal, more), gateway);
      }
      if (route.takesKey) refuseTwoKeys(incoming, locale);
      reply = await route.handle({ principal, ...input, headers, locale, requestId: id }, gateway);
    } catch (error) {
      reply = replyOf(error, gateway, operation, id);
    }
    const response = respond(reply, { locale, requestId: id, headers: limits });
    answered(response.status, (performance.now() - startedAt) / 1_000);
    return response;
  };
}

/** The headers of a verdict. Throws Refusal, with them, if there are no points left. */
function accept(verdict: Verdict, gateway: Gateway): Headers {
  const headers = limitHeaders(verdict, gateway.now());
  if (!verdict.allowed) throw new Refusal('RATE_LIMITED', { headers });
  return headers;
}

/** A fault is logged and says nothing about itself. */
function replyOf(error: unknown, gateway: Gateway, operation: string, requestId: string): Reply {
  if (error instanceof Refusal) {
    gateway.metrics.refusals.count(error.code);
    if (error.code === 'INTERNAL')
      gateway.log.error({ err: error.cause ?? error, operation, requestId }, 'fault');
    return failure(error.code, { details: error.details, headers: error.headers });
  }
  if (isAway(error)) {
    gateway.log.warn({ err: error, operation, requestId }, 'a dependency is away');
    return failure('UNAVAILABLE', { headers: RETRY });
  }
  gateway.log.error({ err: error, operation, requestId }, 'fault');
  return failure('INTERNAL');
}

const RETRY = { 'retry-after': '1' };
