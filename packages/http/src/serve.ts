import { type CommonSettings, type Logger, startOpsServer } from '@b2b-charge/runtime';
import type { HttpBindings } from '@hono/node-server';
import type { Registry } from 'prom-client';
import { startHttpServer } from './server.ts';
import type { HttpSettings } from './settings.ts';

/** A process that stops has 10 s in all. */
const MAX_GRACE_MS = 8_000;

interface ServeOptions {
  readonly service: 'gateway' | 'backoffice';
  readonly config: HttpSettings & CommonSettings & { readonly PORT: number };
  /** Longest that an answer waits for the outcome of a command, in ms. */
  readonly waitMs: number;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Reasons why /ready fails, by part; null if the part is well. */
  readiness(): Promise<Record<string, string | null>>;
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>;
}

/** Starts the HTTP server and the ops server; disposing of `stack` answers what is in flight first. */
export async function serve(
  stack: AsyncDisposableStack,
  { service, config, waitMs, log, metrics, readiness, fetch }: ServeOptions,
): Promise<{ url: string; port: number }> {
  let leaving = false;
  stack.use(
    await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      health: async () => (leaving ? { [service]: 'is stopping' } : readiness()),
      metrics: metrics,
    }),
  );
  const server = stack.use(
    await startHttpServer({
      host: config.HOST,
      port: config.PORT,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      graceMs: Math.min(waitMs + 1_000, MAX_GRACE_MS),
      drainMs: config.DRAIN_MS,
      fetch,
    }),
  );
  // Disposed of first, before the server begins to drain.
  stack.defer(() => {
    leaving = true;
  });
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${server.port}`;
  log.info({ url }, 'listening');
  return { url, port: server.port };
}
