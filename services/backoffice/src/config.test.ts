import { ConfigError } from '@b2b-charge/runtime';
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const LEAST = {
  NATS_URL: 'nats://127.0.0.1:4222',
  DATABASE_URL: 'postgres://b2b_backoffice@127.0.0.1/b2b',
  REDIS_URL: 'redis://127.0.0.1:6379',
  REDIS_SEAL_KEY: Buffer.alloc(32, 6).toString('base64'),
};

test('three addresses and a key are enough', () => {
  expect(parseConfig(LEAST)).toMatchObject({ PORT: 8010, HOST: '127.0.0.1' });
});

test('a deadline cannot be before the end of the wait', () => {
  expect(() => parseConfig({ ...LEAST, COMMAND_WAIT_MS: '5000', COMMAND_DEADLINE_MS: '4000' })).toThrow(
    'COMMAND_DEADLINE_MS',
  );
});

test('passwords are hashed at full cost, unless a weak one is allowed by name', () => {
  expect(parseConfig(LEAST).CONSOLE_PASSWORD_COST).toBe(15);
  const weak = { ...LEAST, CONSOLE_PASSWORD_COST: '14' };
  expect(() => parseConfig(weak)).toThrow('CONSOLE_PASSWORD_COST: must be at least 15');
  expect(() => parseConfig({ ...weak, CONSOLE_ALLOW_WEAK_PASSWORD_COST: 'false' })).toThrow(ConfigError);
  expect(parseConfig({ ...weak, CONSOLE_ALLOW_WEAK_PASSWORD_COST: 'true' }).CONSOLE_PASSWORD_COST).toBe(14);
});
