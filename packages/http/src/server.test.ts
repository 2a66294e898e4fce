import { Agent, get } from 'node:http';
import { expect, test } from 'vitest';
import { startHttpServer } from './server.ts';

/** Far beyond the time that a test may take: what waits for it fails. */
const GRACE_MS = 600_000;

test('a server that stops lets go of clients who keep sending: each answer is whole, the last says so', async () => {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    requestTimeoutMs: 10_000,
    graceMs: GRACE_MS,
    drainMs: 50,
    fetch: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return new Response('whole');
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers: { body: string; connection: string | undefined }[] = [];
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get({ port: server.port, host: '127.0.0.1', agent }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () =>
          resolve(void answers.push({ body, connection: response.headers.connection })),
        );
      }).on('error', reject);
    });
  // Each sends its next request in the very turn in which it has its answer, until nobody listens any more.
  const clients = Array.from({ length: 8 }, async () => {
    for (;;) {
      try {
        await ask();
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    }
  });
  await expect.poll(() => answers.length).toBeGreaterThan(50);
  await server[Symbol.asyncDispose]();
  const ends = await Promise.all(clients);
  agent.destroy();
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['whole']));
  expect(answers.filter(({ connection }) => connection === 'close').length).toBeGreaterThanOrEqual(1);
  for (const code of ends) expect(['ECONNREFUSED', 'ECONNRESET']).toContain(code);
});
