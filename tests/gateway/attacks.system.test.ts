import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, rawHttp } from './raw-http.ts';
import { type System, startSystem, type Vendor } from './system.ts';

/** The attacks that SECURITY.md lists. Each leaves the balance and the process as they were. */
let system: System;
let vendor: Vendor;
let raw: ReturnType<typeof rawHttp>;
beforeAll(async () => {
  system = await startSystem({ gateway: { REQUEST_TIMEOUT_MS: '1000', MAX_BODY_BYTES: '100000' } });
  vendor = await system.vendor({ balance: '5000.00' });
  raw = rawHttp(Number(new URL(system.url).port));
});
afterAll(async () => {
  expect((await vendor.api.get('/api/vendors/balance/')).data.balance).toBe(5_000);
  await system?.[Symbol.asyncDispose]();
});

const PHONE = '+989123456789';
const post = (body: string | Buffer, headers: Record<string, string> = {}) => {
  const lines = Object.entries({
    host: 'localhost',
    authorization: `Token ${vendor.token}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`POST /api/charges/sell/ HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return raw.send(Buffer.concat([head, Buffer.from(body)])).then(parse);
};

describe('amounts that are no plain decimal', () => {
  test.each([
    '1e3',
    '1E3',
    '0x10',
    '0b1',
    '-0',
    '-1',
    '1.005',
    '1.',
    '.5',
    '01',
    '+1',
    '1_000',
    'NaN',
    'Infinity',
    `1${'0'.repeat(30)}`,
    '9007199254740993',
    '1.0000000000000001',
    '"1e3"',
    '"0x10"',
    '"-0"',
    '"1.005"',
    '" 1"',
    '"1 "',
    '"1,000"',
    '"١٢٣"',
    '"１２３"',
    '"1\u200b"',
    '"𝟏"',
    '"l00"',
    '"1O0"',
    `"1${'0'.repeat(30)}"`,
    '""',
    'true',
    'null',
    '[1]',
    '{"a":1}',
  ])('%s', async (amount) => {
    const answer = await post(`{"phone_number":"${PHONE}","amount":${amount}}`);
    expect([answer.status, answer.text.includes('VALIDATION_ERROR')], answer.text).toEqual([400, true]);
  });
});

describe('phone numbers in disguise', () => {
  test.each([
    '۰۹۱۲۳۴۵۶۷۸۹',
    '٠٩١٢٣٤٥٦٧٨٩',
    '＋989123456789',
    '+98912345678O',
    '+98912345678l',
    '+9891234\u200b56789',
    '\u202e+989123456789',
    '+989123456789\u0000',
    '+989123456789\n',
    "+989123456789'; DROP TABLE ledger.vendors; --",
    '+98*',
    '>',
    'tel:+989123456789',
    '+989123456789;ext=5',
    '9'.repeat(5_000),
  ])('%j', async (phone) => {
    const answer = await post(JSON.stringify({ phone_number: phone, amount: 1 }));
    expect([answer.status, answer.text.includes('VALIDATION_ERROR')]).toEqual([400, true]);
  });
});

describe('JSON that parsers disagree on', () => {
  const twice = `{"phone_number":"${PHONE}","amount":1,"amount":4999}`;
  test.each([
    ['a duplicate name', twice],
    ['a duplicate name in disguise', twice.replace('"amount":4999', '"\\u0061mount":4999')],
    ['__proto__', `{"phone_number":"${PHONE}","amount":1,"__proto__":{"amount":4999}}`],
    ['constructor', `{"phone_number":"${PHONE}","amount":1,"constructor":{"prototype":{"admin":true}}}`],
    ['a comment', `{"phone_number":"${PHONE}",/* */"amount":1}`],
    ['a byte order mark', `\ufeff{"phone_number":"${PHONE}","amount":1}`],
    ['deep nesting', `{"phone_number":"${PHONE}","amount":${'['.repeat(20_000)}`],
    ['an unknown field', `{"phone_number":"${PHONE}","amount":1,"vendor_id":1}`],
    ['a lone surrogate', `{"phone_number":"${PHONE}","amount":1,"idempotency_key":"\\ud800"}`],
  ])('%s', async (_, body) => expect((await post(body)).status).toBe(400));

  test('bytes that are no UTF-8', async () => {
    const body = Buffer.from(`{"phone_number":"${PHONE}\xff","amount":1}`, 'latin1');
    expect((await post(body)).status).toBe(400);
  });
  test('another type of content, and a compressed one', async () => {
    const body = `{"phone_number":"${PHONE}","amount":1}`;
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      '',
    ]) {
      expect((await post(body, { 'content-type': type })).status, type).toBe(415);
    }
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(415);
  });
});

describe('keys with meaning to NATS, Redis, SQL or HTTP are only text', () => {
  test.each(['*', '>', 'a.b.c', '$JS.API.>', "'; DROP TABLE x; --", 'a b', '%00', '{}', '\\x00'])(
    '%s',
    async (key) => {
      const body = JSON.stringify({ phone_number: PHONE, amount: 99_999, idempotency_key: key });
      expect((await post(body)).status).toBe(402);
      const found = await vendor.api.get(`/api/charges/by-key/${encodeURIComponent(key)}/`);
      expect(found.data).toMatchObject({ reason: 'INSUFFICIENT_BALANCE', idempotency_key: key });
    },
  );

  test.each(['', ' ', 'a\u0000b', 'a\nb', 'کلید', 'k'.repeat(256), ' a', 'a\u007f', '.', '..'])(
    '%j is none',
    async (key) => {
      const body = JSON.stringify({ phone_number: PHONE, amount: 1, idempotency_key: key });
      expect((await post(body)).status).toBe(400);
    },
  );

  test('a header that would begin another, and two keys at once', async () => {
    const body = JSON.stringify({ phone_number: PHONE, amount: 1 });
    const injected = await post(body, { 'idempotency-key': 'a\r\nX-Injected: 1\r\n b' });
    expect(injected.text).not.toMatch(/^x-injected/im);
    expect(injected.status).toBe(400);
    const both = JSON.stringify({ phone_number: PHONE, amount: 1, idempotency_key: 'a' });
    expect((await post(both, { 'idempotency-key': 'b' })).status).toBe(400);
    const bytes = `POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Token ${vendor.token}\r\ncontent-type: application/json\r\nidempotency-key: a\r\nidempotency-key: b\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
    expect(parse(await raw.send(bytes)).status).toBe(400);
  });

  test('what a caller sends as request id comes back only if it is harmless', async () => {
    const evil = await raw.get('/api/health/', { 'x-request-id': '<script>' });
    expect(evil.text).not.toContain('<script>');
    const fine = await raw.get('/api/health/', { 'x-request-id': 'till-3.17' });
    expect(fine.text).toContain('x-request-id: till-3.17');
  });
});

describe('ids and paths', () => {
  test.each([
    "1' OR '1'='1",
    '1;DROP TABLE gateway.tokens',
    '*',
    '>',
    'a.b',
    '../../etc/passwd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '%00',
    '9'.repeat(400),
    '0',
    '-1',
    '1e3',
    '0x1',
    '٣',
    'NaN',
    '__proto__',
    'constructor',
  ])('%s', async (id) => {
    for (const path of ['/api/charges/ID/', '/api/transactions/ID/', '/api/credits/ID/']) {
      const answer = await raw.get(path.replace('ID', encodeURIComponent(id)), {
        authorization: `Token ${vendor.token}`,
      });
      expect([400, 404], `${path} ${answer.text}`).toContain(answer.status);
    }
    const answer = await system.admin.get(`/api/admin/vendors/${encodeURIComponent(id)}/`);
    expect([400, 404]).toContain(answer.status);
  });

  test.each([
    '/docs/../../../../etc/passwd',
    '/docs/..%2f..%2fservice.ts',
    '/docs/%2e%2e/service.ts',
    '//etc/passwd',
    '/docs/app.js%00',
  ])('%s leads nowhere', async (path) => {
    const answer = await raw.get(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toMatch(/root:|import /);
  });

  test.each(['search', 'cursor', 'idempotency_key', 'phone_number', 'from', 'type'])(
    'SQL in ?%s=',
    async (name) => {
      const attempts = ["' OR 1=1 --", "'; DELETE FROM gateway.tokens; --", '\u0000', '$' + '{jndi:x}'];
      for (const attempt of attempts) {
        const query = `?${name}=${encodeURIComponent(attempt)}`;
        for (const path of ['/api/admin/vendors/', '/api/admin/transactions/', '/api/admin/credits/']) {
          const answer = await system.admin.get(path + query);
          expect([200, 400], answer.text).toContain(answer.status);
          const lists = Object.values(answer.data ?? {}).filter(Array.isArray);
          expect(lists, answer.text).toEqual(answer.status === 200 ? [[]] : []);
        }
      }
    },
  );

  test('SQL in names is a name', async () => {
    const name = "Robert'); DROP TABLE gateway.vendors; --";
    const created = await system.admin.post('/api/admin/vendors/', { name });
    expect(created.data.name).toBe(name);
    expect((await system.admin.post('/api/admin/vendors/', { name: 'a\u0000b' })).status).toBe(400);
  });
});

describe('shapes and sizes of requests', () => {
  test('a body too large, by its length and in chunks', async () => {
    expect((await post('x'.repeat(100_001))).status).toBe(413);
    const chunk = `ffff\r\n${'x'.repeat(0xffff)}\r\n`;
    const bytes = `POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Token ${vendor.token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`;
    expect(parse(await raw.send(bytes)).status).toBe(413);
  });

  test('headers too large or too many', async () => {
    expect((await raw.get('/api/health/', { 'x-long': 'a'.repeat(20_000) })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'a']));
    expect((await raw.get('/api/health/', many)).status).toBe(431);
  });

  test.each([
    ['headers that never end', 'GET /api/health/ HTTP/1.1\r\nhost: localhost\r\n'],
    [
      'a body that never ends',
      'POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{',
    ],
  ])('%s: the connection ends', async (_, bytes) => {
    const started = Date.now();
    const text = await raw.send(
      bytes.replace(
        '\r\n\r\n',
        `\r\nauthorization: Token ${vendor.token}\r\ncontent-type: application/json\r\n\r\n`,
      ),
    );
    expect([0, 400, 408]).toContain(parse(text).status);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  const body = `{"phone_number":"${PHONE}","amount":1}`;
  const head = () =>
    `POST /api/charges/sell/ HTTP/1.1\r\nhost: localhost\r\nauthorization: Token ${vendor.token}\r\ncontent-type: application/json\r\n`;
  test.each([
    [
      'two lengths',
      (it: string) => `${it}content-length: 5\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ],
    [
      'length and chunks',
      (it: string) => `${it}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'an unknown transfer encoding',
      (it: string) => `${it}transfer-encoding: chunked, identity\r\n\r\n${body}`,
    ],
    ['a space before the colon', (it: string) => `${it}content-length : ${body.length}\r\n\r\n${body}`],
    [
      'a folded header',
      (it: string) => `${it}content-length:\r\n ${body.length}\r\nx: y\r\n z\r\n\r\n${body}`,
    ],
    ['a bare line feed', (it: string) => `${it}content-length: ${body.length}\nx: y\r\n\r\n${body}`],
    ['a negative length', (it: string) => `${it}content-length: -1\r\n\r\n${body}`],
    [
      'no host',
      (it: string) => `${it.replace('host: localhost\r\n', '')}content-length: ${body.length}\r\n\r\n${body}`,
    ],
    ['two hosts', (it: string) => `${it}host: evil.example\r\ncontent-length: ${body.length}\r\n\r\n${body}`],
    [
      'another version',
      (it: string) => `${it.replace('HTTP/1.1', 'HTTP/9.9')}content-length: ${body.length}\r\n\r\n${body}`,
    ],
    ['no HTTP', () => '\u0016\u0003\u0001\u0000\u0000'],
  ])('%s is refused', async (_, shape) => {
    const answer = parse(await raw.send(shape(head())));
    expect(answer.status, answer.text).toBe(400);
    expect(answer.text).toContain('"success":false');
  });

  test('many idle connections do not keep others out', async () => {
    const { port, hostname } = new URL(system.url);
    const idle = Array.from({ length: 200 }, () => connect(Number(port), hostname));
    expect((await vendor.api.get('/api/vendors/balance/')).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});

test('no answer tells what runs behind it', async () => {
  for (const path of ['/api/health/', '/api/nothing/', '/openapi.json']) {
    const { text } = await raw.get(path);
    expect(text).not.toMatch(/^(server|x-powered-by):/im);
    expect(text).toMatch(/^x-content-type-options: nosniff/im);
    expect(text).toMatch(/^content-security-policy: default-src 'none'/im);
  }
});
