import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they assert
  readonly json: any;
}

export type Answer = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

/** A vendor's server: keeps what it was sent and answers as it is told to. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** At once, on each path. */
  readonly mostAtOnce = new Map<string, number>();
  answer: Answer = (_received, response) => response.writeHead(204).end();
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #atOnce = new Map<string, number>();

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const now = (this.#atOnce.get(path) ?? 0) + 1;
    this.#atOnce.set(path, now);
    this.mostAtOnce.set(path, Math.max(now, this.mostAtOnce.get(path) ?? 0));
    response.once('close', () => this.#atOnce.set(path, this.#atOnce.get(path)! - 1));
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // broken off
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const received = { path, headers: request.headers, body, atMs: Date.now(), json: JSON.parse(body) };
    this.received.push(received);
    this.answer(received, response, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
