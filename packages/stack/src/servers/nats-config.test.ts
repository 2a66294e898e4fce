import { expect, test } from 'vitest';
import { DEFAULT_NATS_LIMITS, natsConfig } from './nats-config.ts';

const config = (version: string, syncAlways = true) =>
  natsConfig({
    version,
    listen: '127.0.0.1:4222',
    storeDir: '/data',
    users: [{ name: 'a', publicKey: 'UA', permissions: { publish: ['x.*', 'y'], subscribe: [] } }],
    limits: { ...DEFAULT_NATS_LIMITS, syncAlways },
  });

test.each([
  ['2.9.10', false],
  ['2.10', true],
  ['2.15.1', true],
  ['3.0.0', true],
])('sync_interval on nats-server %s: %s', (version, written) => {
  expect(config(version).includes('sync_interval: always')).toBe(written);
  expect(config(version, false)).not.toContain('sync_interval');
});

test('an empty list of subjects forbids all of them', () => {
  expect(config('2.9.10')).toContain(
    '{ nkey: UA, permissions: { publish: { allow: ["x.*", "y"] }, subscribe: { deny: ">" } } }',
  );
});
