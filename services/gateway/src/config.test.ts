import { ConfigError } from '@b2b-charge/runtime';
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const LEAST = {
  NATS_URL: 'nats://127.0.0.1:4222',
  DATABASE_URL: 'postgres://b2b_gateway@127.0.0.1/b2b',
  REDIS_URL: 'redis://127.0.0.1:6379',
  REDIS_SEAL_KEY: Buffer.alloc(32, 5).toString('base64'),
};

test('three addresses and a key are enough', () => {
  expect(parseConfig(LEAST)).toMatchObject({ PORT: 8000, HOST: '127.0.0.1', REQUIRE_IDEMPOTENCY_KEY: false });
});

test('every bad variable is named at once', () => {
  const bad = {
    ...LEAST,
    DATABASE_URL: 'mysql://x',
    PORT: '80000',
    DEFAULT_REGION: 'Iran',
    BUSINESS_TIMEZONE: 'Tehran',
  };
  const parse = () => parseConfig({ ...bad, REDIS_URL: '' });
  expect(parse).toThrow(ConfigError);
  for (const name of [
    'DATABASE_URL',
    'PORT',
    'DEFAULT_REGION',
    'BUSINESS_TIMEZONE',
    'REDIS_URL: is missing',
  ]) {
    expect(parse).toThrow(name);
  }
});

test('a deadline cannot be before the end of the wait', () => {
  expect(() => parseConfig({ ...LEAST, CHARGE_WAIT_MS: '5000', CHARGE_DEADLINE_MS: '4000' })).toThrow(
    'CHARGE_DEADLINE_MS',
  );
});

test('lists and flags are read as people write them', () => {
  const config = parseConfig({
    ...LEAST,
    ALLOWED_HOSTS: ' a.example , .b.example,',
    REQUIRE_IDEMPOTENCY_KEY: '1',
  });
  expect([config.ALLOWED_HOSTS, config.REQUIRE_IDEMPOTENCY_KEY]).toEqual([['a.example', '.b.example'], true]);
});
