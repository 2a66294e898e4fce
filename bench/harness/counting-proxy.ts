import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { MessageCutter } from './pg-messages.ts';

/** What went over one kind of connection. */
export interface Traffic {
  /** Statements executed. */
  statements: number;
  /** Transactions begun. */
  begins: number;
  /** Times that the client sent something after it had been told the answers to everything before. */
  roundTrips: number;
}

export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  readonly traffic: Readonly<Traffic>;
}

/** Answers wait until nothing is open, and for this long more, so that what the client sends without waiting for them is known as such. */
const HOLD_MS = 15;

/**
 * Stands between a client and PostgreSQL and counts what the protocol shows, whatever the client believes: exact, and
 * without an extension in the server. Only connections whose start-up names `application` are counted.
 */
export async function startCountingProxy(target: URL, application: string): Promise<CountingProxy> {
  const traffic: Traffic = { statements: 0, begins: 0, roundTrips: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, application, traffic);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    traffic,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const EXECUTE = 'E';
const BIND = 'B';
const SYNC = 'S';
const SIMPLE_QUERY = 'Q';
const READY = 'Z';

function relay(client: Socket, upstream: Socket, application: string, traffic: Traffic): void {
  let counted = false;
  /** What is not part of a batch, such as the renewal of a lease, is not counted. */
  let within: 'nothing' | 'batch' | 'ending' = 'nothing';
  let started = false;
  let unanswered = 0;
  let told = true;
  let held: Buffer[] = [];
  const asked = new MessageCutter(1, (type, bytes) => {
    if (type === '') counted = bytes.includes(application);
    if (type === SYNC || type === SIMPLE_QUERY) unanswered++;
    if (!counted) return;
    // Bind names the prepared statement after the portal, both ended by a zero byte.
    if (type === BIND) within = within === 'ending' ? 'nothing' : within;
    if (type === BIND && bytes.includes('\0begin\0')) {
      within = 'batch';
      traffic.begins++;
    }
    if (type === BIND && bytes.includes('\0commit\0')) within = 'ending';
    if (type === EXECUTE && within !== 'nothing') traffic.statements++;
  });
  const answered = new MessageCutter(0, (type) => {
    if (type !== READY) return;
    if (started) unanswered--;
    started = true;
  });
  client.on('data', (chunk: Buffer) => {
    const open = within === 'batch';
    asked.read(chunk);
    if (told && counted && started && (open || within !== 'nothing')) traffic.roundTrips++;
    told = false;
    upstream.write(chunk);
  });
  upstream.on('data', (chunk: Buffer) => {
    const starting = !started;
    answered.read(chunk);
    if (starting) {
      client.write(chunk);
      told = true;
      return;
    }
    held.push(chunk);
    setTimeout(() => {
      if (unanswered > 0 || held.length === 0) return;
      const answers = Buffer.concat(held);
      held = [];
      told = true;
      client.write(answers);
    }, HOLD_MS);
  });
}
