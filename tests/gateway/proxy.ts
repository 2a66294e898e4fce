import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can be cut and mended: how a server goes away in a test that shares it with others. */
export class CuttableProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: URL;
  #cut = false;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
  }

  static async to(url: string): Promise<{ proxy: CuttableProxy; url: string }> {
    const target = new URL(url);
    const server = createServer();
    const proxy = new CuttableProxy(server, target);
    server.on('connection', (client) => proxy.#join(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const through = new URL(url);
    through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { proxy, url: through.href };
  }

  #join(client: Socket): void {
    if (this.#cut) return void client.destroy();
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  /** Breaks every connection and refuses new ones. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on new connections go there; those that are open stay where they are. */
  lead(url: string): void {
    this.#target = new URL(url);
  }

  /** Ends the sessions with one server: it is shut off. */
  shutOff(url: string): void {
    const port = Number(new URL(url).port);
    for (const socket of this.#sockets) if (socket.remotePort === port) socket.destroy();
  }

  /** Goes silent: connections stay open and nothing passes any more, as with a server that hangs. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  mend(): void {
    this.#cut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
