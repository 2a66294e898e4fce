import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { createAddressGuard } from './address-guard.ts';

const guard = createAddressGuard([]);

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'this network'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['169.254.169.254', 'metadata of the clouds'],
  ['192.0.0.8', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['198.18.0.1', 'benchmarks'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'mapped loopback'],
  ['::ffff:8.8.8.8', 'mapped, whatever it maps'],
  ['::ffff:a00:1', 'mapped private, in hex'],
  ['::7f00:1', 'IPv4-compatible'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['3fff::1', 'documentation'],
  ['fc00::1', 'unique local'],
  ['fd12:3456::1', 'unique local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['5f00::1', 'segment routing'],
  ['localhost', 'a name is no address'],
  ['2130706433', 'a number is no address'],
  ['', 'nothing'],
])('%s is refused: %s', (address) => expect(guard(address)).toBe(false));

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '192.0.1.1',
  '2606:4700::1111',
  '2a00:1450::1',
])('%s is public', (address) => expect(guard(address)).toBe(true));

test('networks that are allowed, and nothing beside them', () => {
  const { WEBHOOK_ALLOW_PRIVATE } = parseConfig({
    DATABASE_URL: 'postgresql://x/y',
    NATS_URL: 'nats://x',
    WEBHOOK_SECRET_KEY: Buffer.alloc(32).toString('base64'),
    WEBHOOK_ALLOW_PRIVATE: '10.1.0.0/16, fd00:1::/32',
  });
  const own = createAddressGuard(WEBHOOK_ALLOW_PRIVATE);
  const answers = ['10.1.2.3', 'fd00:1::1', '10.2.0.1', '::ffff:10.1.2.3', 'fd00:2::1', '127.0.0.1'].map(own);
  expect(answers).toEqual([true, true, false, false, false, false]);
});

test.each(['10.0.0.0', '10.0.0.0/33', '::/129', 'localhost/8', '10.0.0.0/8/8'])(
  'the network %s is refused by the settings',
  (WEBHOOK_ALLOW_PRIVATE) => {
    const env = { DATABASE_URL: 'postgresql://x/y', NATS_URL: 'nats://x', WEBHOOK_ALLOW_PRIVATE };
    expect(() => parseConfig(env)).toThrow(/WEBHOOK_ALLOW_PRIVATE/);
  },
);
