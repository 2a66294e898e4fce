import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** One entry per dependency: null is well, a text says what is wrong. */
export type Health = () => Promise<Record<string, string | null>>;

interface OpsOptions {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics?: Registry;
}

/** /live (the process answers), /ready (its dependencies do) and /metrics on a port of their own. */
export async function startOpsServer(options: OpsOptions): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    void route(options, request.url ?? '/')
      .catch((error: Error) => ({ status: 500, type: 'text/plain', body: error.message }))
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => close(server) };
}

async function route({ health, metrics }: OpsOptions, url: string) {
  const json = (status: number, value: unknown) => ({
    status,
    type: 'application/json',
    body: JSON.stringify(value),
  });
  if (url === '/live') return json(200, { live: true });
  if (url === '/ready') {
    const parts = await health().catch((error: Error) => ({ health: error.message }));
    return json(Object.values(parts).every((part) => part === null) ? 200 : 503, parts);
  }
  if (url === '/metrics' && metrics) {
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  }
  return json(404, { error: 'not found' });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
