import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A NATS server that misinforms whoever connects through here: bytes are exchanged for as many others on their way. */
export interface LyingServer extends AsyncDisposable {
  readonly url: string;
  /** How often it has lied. */
  readonly lies: number;
}

/** `lie` is given what the server sent, a byte a sign, and returns as much. */
export async function startLyingServer(natsUrl: string, lie: (sent: string) => string): Promise<LyingServer> {
  const target = new URL(natsUrl);
  const sockets = new Set<Socket>();
  let lies = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].map((one) => one.destroy()));
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const sent = chunk.toString('latin1');
      const told = lie(sent);
      if (told !== sent) lies++;
      client.write(Buffer.from(told, 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(natsUrl);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: through.href,
    get lies() {
      return lies;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
