import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  body(): string;
}

/**
 * One keep-alive connection with one request on it at a time. Nothing but what measuring needs: a request is a ready
 * string, an answer is its head and a length, about 10 µs for both. Node's own client costs several times that.
 */
export class HttpConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer | null = null;
  #answered: ((answer: HttpAnswer | Error) => void) | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request; calls back with its answer, or with the error that ended the connection. */
  send(request: string, answered: (answer: HttpAnswer | Error) => void): void {
    this.#answered = answered;
    this.#socket ??= this.#open();
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    const ended = (error: Error) => {
      // After an error comes a close; by then another request may be under way on another socket.
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#finish(error);
    };
    socket.on('error', ended);
    socket.on('close', () => ended(new Error('the connection was closed')));
    return socket;
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      this.#received = bytes;
      return;
    }
    const head = bytes.toString('latin1', 0, headEnd);
    const end = headEnd + 4 + contentLength(head);
    if (bytes.length < end) {
      this.#received = bytes;
      return;
    }
    this.#received = null;
    this.#finish({
      status: Number(head.slice(9, 12)),
      head,
      body: () => bytes.toString('utf8', headEnd + 4, end),
    });
  }

  #finish(answer: HttpAnswer | Error): void {
    const answered = this.#answered;
    this.#answered = null;
    if (answer instanceof Error) this.#received = null;
    answered?.(answer);
  }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;

function contentLength(head: string): number {
  const length = LENGTH.exec(head)?.[1];
  if (length === undefined) throw new TypeError(`an answer without content-length: ${head}`);
  return Number(length);
}
