import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawHttp } from './raw-http.ts';
import { type System, startSystem, type Vendor } from './system.ts';

let system: System;
let vendor: Vendor;
let raw: ReturnType<typeof rawHttp>;
beforeAll(async () => {
  system = await startSystem({ gateway: { REQUEST_TIMEOUT_MS: '5000', MAX_BODY_BYTES: '100000' } });
  vendor = await system.vendor();
  raw = rawHttp(Number(new URL(system.url).port));
});
afterAll(() => system?.[Symbol.asyncDispose]());

describe('a request behind a refused one on the same connection', () => {
  const refused = {
    'without a token': 'POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\n',
    'of another type': `POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Token TOKEN\r\ncontent-type: text/plain\r\n`,
    'to no place': 'POST /api/nowhere/ HTTP/1.1\r\nhost: localhost\r\n',
    'by a method that is not allowed': 'DELETE /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\n',
    'for another host': 'POST /api/charges/sell/ HTTP/1.1\r\nhost: evil.example\r\n',
    'to the console': 'POST /admin/sign-in/ HTTP/1.1\r\nhost: localhost\r\n',
  };
  test.each(Object.entries(refused))('%s is answered, or the connection is closed', async (_name, head) => {
    const second = 'GET /api/health/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    for (const bytes of [10, 90_000]) {
      const first = `${head.replace('TOKEN', vendor.token)}content-length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
      const started = performance.now();
      const text = await raw.send(first + second);
      expect(text).toMatch(/^HTTP\/1\.1 4\d\d/);
      const answers = text.match(/HTTP\/1\.1 \d\d\d/g)!;
      expect(answers.length === 2 || /connection: close/i.test(text.split('HTTP/1.1 ')[1]!)).toBe(true);
      expect(performance.now() - started).toBeLessThan(3_000);
    }
  });
});
