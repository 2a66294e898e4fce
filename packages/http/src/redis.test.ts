import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createRedis } from './redis.ts';

/** Speaks as much of Redis' protocol as a client needs to find out whether the server has loaded its data. */
const sockets = new Set<Socket>();
let isLoading = true;
let asked = 0;
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('data', (bytes) => {
    for (const command of bytes
      .toString()
      .split(/\*\d+\r\n/)
      .slice(1)) {
      const name = command.split('\r\n')[1]!.toLowerCase();
      if (name === 'info') {
        asked++;
        // The server's own guess, which is often wrong.
        const info = isLoading
          ? 'loading:1\r\nloading_eta_seconds:600\r\n'
          : 'redis_version:8.0.0\r\nloading:0\r\n';
        socket.write(`$${info.length}\r\n${info}\r\n`);
      } else socket.write(name === 'ping' ? '+PONG\r\n' : '+OK\r\n');
    }
  });
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a Redis that loads its data is asked again and again, whatever it says how long that takes', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const states: string[] = [];
  const redis = createRedis(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, (state) =>
    states.push(state),
  );
  await expect.poll(() => asked, { timeout: 8_000 }).toBeGreaterThanOrEqual(3);
  expect(states).toEqual([]);
  isLoading = false;
  await expect.poll(() => states, { timeout: 5_000 }).toEqual(['up']);
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
});
