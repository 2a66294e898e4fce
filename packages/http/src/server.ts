import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { respond } from './envelope.ts';
import { failure } from './reply.ts';

interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** For a whole request to arrive: headers and body. */
  readonly requestTimeoutMs: number;
  /** Longest that an answer under way may still take once the server is told to stop. */
  readonly graceMs: number;
  /** How long it goes on serving once it is told to stop, so that a balancer notices first. */
  readonly drainMs: number;
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>;
}

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 64;
/** Longer than the idle time-out of common proxies, so that it is they who close. */
const KEEP_ALIVE_MS = 75_000;
const IDLE_SWEEP_MS = 20;

/**
 * The HTTP server. Disposing of it lets callers move on (every answer says `connection: close`), then stops listening and
 * waits for the answers under way.
 */
export async function startHttpServer(options: ServerOptions): Promise<{ port: number } & AsyncDisposable> {
  const listener = getRequestListener((request, env) => options.fetch(request, env as HttpBindings), {
    hostname: options.host,
    // What Node parsed but no URL can be made of: a bad host, a bad target.
    errorHandler: () => respond(failure('BAD_REQUEST'), { locale: 'en', requestId: '-', headers: undefined }),
  });
  let closing = false;
  const server = createServer(
    {
      requestTimeout: options.requestTimeoutMs,
      headersTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, options.requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Ours refuses it too, and in our words.
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => {
      // A client that sends its next request at once would never be found idle.
      if (closing) response.shouldKeepAlive = false;
      void listener(request, response);
    },
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      closing = true;
      if (options.drainMs > 0) await sleep(options.drainMs);
      await close(server, options.graceMs);
    },
  };
}

/** What Node could not even parse: answered by hand, and the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'BAD_REQUEST', 'The headers are too large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'BAD_REQUEST', 'The request took too long to arrive']
        : ['400 Bad Request', 'BAD_REQUEST', 'The request cannot be read'];
  const body = JSON.stringify({ success: false, error: { code, message, request_id: '-' }, message });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Answers what is under way, lets every connection go as it falls idle, and cuts off what takes too long. */
function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sweeper = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    const lastResort = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(sweeper);
      clearTimeout(lastResort);
      resolve();
    });
  });
}
