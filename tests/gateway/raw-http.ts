import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Requests written byte by byte, where fetch would correct or refuse them. */
export function rawHttp(port: number) {
  /** What the server writes until it closes the connection. */
  const send = (bytes: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
      socket.write(bytes);
    });
  const get = async (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => {
    const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return parse(await send(`GET ${path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`));
  };
  return { send, get };
}

/** The first answer on a connection. */
export function parse(text: string): RawAnswer {
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}
