import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAddressGuard } from '../../services/webhooks/src/send/address-guard.ts';
import { post } from '../../services/webhooks/src/send/post.ts';
import { Receiver } from './receiver.ts';

const loopback = createAddressGuard([{ address: '127.0.0.0', bits: 8, family: 'ipv4' }]);
const NO_PUBLIC_ADDRESS = 'the host of the URL leads to no public address';
const strict = createAddressGuard([]);
const message = { headers: { 'content-type': 'application/json' }, body: '{"type":"test"}' };

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver?.[Symbol.asyncDispose]());

test('the address that was checked is the one that is connected to, though the name changes its mind', async () => {
  let lookups = 0;
  const lookup = async () => [{ address: ++lookups === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
  const url = `http://rebound.example:${receiver.port}/rebound`;
  const attempt = await post(url, message, { isAllowed: loopback, timeoutMs: 2_000, lookup });
  expect(attempt).toMatchObject({ kind: 'answered', status: 204 });
  expect(lookups).toBe(1);
  expect(receiver.at('/rebound')[0]!.headers.host).toBe(`rebound.example:${receiver.port}`);
});

test('of several addresses the first that is allowed is taken', async () => {
  const lookup = async () => ['10.0.0.1', '::1', '127.0.0.1'].map((address) => ({ address, family: 4 }));
  const url = `http://several.example:${receiver.port}/several`;
  const attempt = await post(url, message, { isAllowed: loopback, timeoutMs: 2_000, lookup });
  expect(attempt).toMatchObject({ kind: 'answered', status: 204 });
});

test.each([
  'http://localhost:PORT/',
  'http://127.0.0.1:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0:PORT/',
])('%s is not reached, and its address not told', async (template) => {
  const before = receiver.received.length;
  const url = template.replace('PORT', String(receiver.port));
  const attempt = await post(url, message, { isAllowed: strict, timeoutMs: 2_000 });
  expect(attempt).toEqual({ kind: 'blocked', error: NO_PUBLIC_ADDRESS });
  expect(receiver.received).toHaveLength(before);
});

test('a name that does not exist and an internal one look the same', async () => {
  const options = { isAllowed: strict, timeoutMs: 2_000 };
  const failing = (code: string) => async () => {
    throw Object.assign(new Error('getaddrinfo'), { code });
  };
  const inside = async () => [{ address: '10.0.0.7', family: 4 }];
  const attempts = await Promise.all(
    [failing('ENOTFOUND'), failing('EAI_AGAIN'), inside].map((lookup) =>
      post('http://ledger.internal/', message, { ...options, lookup }),
    ),
  );
  for (const attempt of attempts) expect(attempt).toEqual({ kind: 'blocked', error: NO_PUBLIC_ADDRESS });
});

test('a port that is closed, a resolver that hangs: attempts that failed', async () => {
  const options = { isAllowed: loopback, timeoutMs: 300 };
  expect(await post('http://127.0.0.1:1/', message, options)).toEqual({
    kind: 'failed',
    error: 'ECONNREFUSED',
  });
  const never = () => new Promise<never>(() => {});
  expect(await post('http://x.example/', message, { ...options, lookup: never })).toMatchObject({
    kind: 'timeout',
  });
});

test('what speaks no HTTP, or TLS where none is, is an attempt that failed', async () => {
  const attempt = await post(`https://127.0.0.1:${receiver.port}/`, message, {
    isAllowed: loopback,
    timeoutMs: 2_000,
  });
  expect(attempt.kind).toBe('failed');
});
