import { createConnection } from 'node:net';

const ANSWER_TIMEOUT_MS = 2_000;
const DEFAULT_PORT = '4222';

export class NatsHealthError extends Error {
  override name = 'NatsHealthError';
}

/**
 * Its version, from the greeting that every nats-server sends before it asks who is there; so it needs no user. The
 * server listens only after JetStream has recovered its streams. Throws if JetStream is off.
 */
export async function natsHealth(url: string): Promise<string> {
  const { hostname, port } = new URL(url.split(',')[0]!);
  const info = JSON.parse(await greeting(hostname, Number(port || DEFAULT_PORT))) as Record<string, unknown>;
  if (!info.jetstream) throw new NatsHealthError('the NATS server runs without JetStream');
  return String(info.version);
}

function greeting(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: ANSWER_TIMEOUT_MS });
    let text = '';
    const end = (error?: Error) => {
      socket.destroy();
      if (error) reject(error);
    };
    socket.once('error', end);
    socket.once('timeout', () => end(new NatsHealthError('the NATS server does not greet')));
    socket.once('close', () => reject(new NatsHealthError('the NATS server hung up')));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\r\n')) return;
      const match = /^INFO (\{.*\})\s*\r\n/.exec(text);
      if (match) resolve(match[1]!);
      end(match ? undefined : new NatsHealthError('that is no NATS server'));
    });
  });
}
