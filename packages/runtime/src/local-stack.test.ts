import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localStackFile, toolEnvironment } from './local-stack.ts';

let LOCAL_DIR: string;
beforeAll(() => {
  LOCAL_DIR = mkdtempSync(path.join(tmpdir(), 'b2b-charge-tools-'));
  const services = {
    ledger: { DATABASE_URL: 'postgresql://ledger@stack/b', NATS_NKEY_SEED: 'of the ledger' },
  };
  const operator = { NATS_NKEY_SEED: 'of the operator' };
  writeFileSync(localStackFile({ LOCAL_DIR }), JSON.stringify({ services, operator }));
});
afterAll(() => rmSync(LOCAL_DIR, { recursive: true, force: true }));

test.each([{ DATABASE_URL: 'postgresql://own/b' }, { DATABASE_URL_FILE: '/run/secrets/database-url' }])(
  'a tool that was given a database asks no local stack: %j',
  (given) => {
    const env = { ...given, LOCAL_DIR };
    expect(toolEnvironment(env, 'ledger')).toBe(env);
  },
);

test('without one it acts as a service of the stack that runs, whatever else the environment holds of it', () => {
  const env = { LOCAL_DIR, NATS_NKEY_SEED_FILE: '/another/system', LOG_LEVEL: 'debug' };
  expect(toolEnvironment(env, 'ledger')).toEqual({
    LOCAL_DIR,
    LOG_LEVEL: 'debug',
    DATABASE_URL: 'postgresql://ledger@stack/b',
    NATS_NKEY_SEED: 'of the ledger',
  });
  expect(toolEnvironment(env, 'ledger', { as: 'operator' })).toMatchObject({
    NATS_NKEY_SEED: 'of the operator',
  });
});

test('where no stack runs the environment stays as it is', () => {
  const env = { LOCAL_DIR: path.join(LOCAL_DIR, 'none'), LOG_LEVEL: 'debug' };
  expect(toolEnvironment(env, 'gateway')).toEqual(env);
});
