import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createHostCheck, namesTwoHosts } from './allowed-hosts.ts';
import { createAuthenticate } from './authenticate.ts';
import { type AddressOf, createAddressOf } from './client-address.ts';
import { createCors } from './cors.ts';
import { respond } from './envelope.ts';
import { FixedFirstRouter } from './fixed-first-router.ts';
import type { HttpService } from './http-service.ts';
import { localeOf } from './messages/index.ts';
import { servedPaths } from './paths.ts';
import { createHandler, createRequestIds, type HttpContext } from './pipeline.ts';
import { type Failure, failure } from './reply.ts';
import type { Route } from './route.ts';

type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

type App = Hono<{ Bindings: HttpBindings }>;

/** What a service that has more than routes needs to put the rest into the router. */
export interface Surroundings {
  readonly addressOf: AddressOf;
  requestId(given: string | string[] | undefined): string;
}

interface AppOptions {
  /** Unique to this process and start; request ids begin with it. */
  readonly boot: string;
  mount?(app: App, surroundings: Surroundings): void;
}

/** The routes behind one router, which knows each path with and without version and trailing slash. */
export function createApp<S extends HttpService>(
  service: S,
  routes: readonly Route<S>[],
  { boot, mount }: AppOptions,
): Fetch {
  const app: App = new Hono<{ Bindings: HttpBindings }>({ router: new FixedFirstRouter() });
  const requestId = createRequestIds(boot);
  const addressOf = createAddressOf(service.config.TRUSTED_PROXIES);
  const authenticate = createAuthenticate(service, addressOf);
  const refuse = (context: HttpContext, reply: Failure): Response => {
    service.metrics.refusals.count(reply.code);
    const { headers } = context.env.incoming;
    return respond(reply, {
      locale: localeOf(headers['accept-language']),
      requestId: requestId(headers['x-request-id']),
      headers: undefined,
    });
  };

  for (const group of groupByPath(routes)) {
    const methods = group.map((route) => route.method);
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    const paths = servedPaths(group[0]!);
    for (const route of group) {
      app.on(route.method, paths, createHandler(route, { service, authenticate, requestId }));
    }
    for (const path of paths) {
      app.all(path, (context) => refuse(context, failure('METHOD_NOT_ALLOWED', { headers: { allow } })));
    }
  }
  mount?.(app, { addressOf, requestId });
  app.notFound((context) => refuse(context, failure('NOT_FOUND')));
  app.onError((error, context) => {
    service.log.error({ err: error }, 'fault outside of a route');
    return refuse(context, failure('INTERNAL'));
  });

  const fetch = checkHosts(service, (request, env) => app.fetch(request, env), {
    address: (env) => addressOf(env.incoming),
    requestId: () => requestId(undefined),
  });
  const cors = createCors(service.config.CORS_ORIGINS);
  if (!cors) return fetch;
  return async (request, env) =>
    cors.preflight(env.incoming) ?? cors.mark(env.incoming, await fetch(request, env));
}

function checkHosts(
  { config, refusals, metrics }: HttpService,
  fetch: Fetch,
  say: { address(env: HttpBindings): string; requestId(): string },
): Fetch {
  const isAllowed = createHostCheck(config.ALLOWED_HOSTS);
  return (request, env) => {
    const { headers, rawHeaders } = env.incoming;
    if (isAllowed(headers.host) && !namesTwoHosts(rawHeaders)) return fetch(request, env);
    metrics.refusals.count('HOST_NOT_ALLOWED');
    refusals.write({ event: 'HOST_NOT_ALLOWED', address: say.address(env) });
    return respond(failure('HOST_NOT_ALLOWED', { headers: { connection: 'close' } }), {
      locale: 'en',
      requestId: say.requestId(),
      headers: undefined,
    });
  };
}

/** Fixed paths before those with parameters, which would match them too. */
function groupByPath<S>(routes: readonly Route<S>[]): Route<S>[][] {
  const groups = Map.groupBy(routes, (route) => route.path);
  const fixed = (path: string) => (path.includes(':') ? 1 : 0);
  return [...groups].toSorted(([a], [b]) => fixed(a) - fixed(b)).map(([, group]) => group);
}
