import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createAddressOf } from './client-address.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

const addressOf = createAddressOf(['10.0.0.0/8', '::1']);

test.each([
  ['nobody is trusted', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a proxy of ours adds the client', '10.0.0.2', '198.51.100.1', '198.51.100.1'],
  [
    'what the client wrote before it counts for nothing',
    '10.0.0.2',
    '127.0.0.1, 198.51.100.1',
    '198.51.100.1',
  ],
  ['two proxies of ours', '10.0.0.2', '198.51.100.1, 10.0.0.3', '198.51.100.1'],
  ['nonsense', '10.0.0.2', 'unknown, <script>', '10.0.0.2'],
  ['IPv6', '::1', '2001:db8::7', '2001:db8::7'],
  ['IPv4 on a dual-stack socket', '::ffff:10.0.0.2', '198.51.100.1', '198.51.100.1'],
])('%s', (_, socket, forwarded, address) => expect(addressOf(from(socket, forwarded))).toBe(address));

test('without a header it is the address of the connection', () => {
  expect(addressOf(from('10.0.0.2'))).toBe('10.0.0.2');
});
