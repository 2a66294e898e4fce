import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { natsPermissions, SERVICES } from '@b2b-charge/contracts';
import { parseSettings } from '@b2b-charge/runtime';
import { afterAll, describe, expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { DEVELOPMENT, PRODUCTION, readComposeFile } from './compose-file.ts';
import { onThisMachine, trialSecrets } from './trial-secrets.ts';

const secrets = trialSecrets();
afterAll(() => secrets[Symbol.dispose]());
// The authority's certificate is openssl's; live.fleet.test.ts uses a real one.
mkdirSync(path.join(secrets.folder, 'tls'));
writeFileSync(path.join(secrets.folder, 'tls/ca.crt'), rootCertificates[0]!);
const read = (name: string) => readFileSync(path.join(secrets.folder, name), 'utf8').trim();
const fingerprints = () =>
  Object.fromEntries(
    globSync('**/*', { cwd: secrets.folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );

const production = readComposeFile(PRODUCTION);
const FINDERS: Record<string, (mounted: string) => string> = {
  [DEVELOPMENT]: (mounted) => mounted.replace('/secrets', secrets.folder),
  [PRODUCTION]: (mounted) =>
    production.secrets![path.basename(mounted)]!.file.replace('./secrets', secrets.folder),
};

describe.each([DEVELOPMENT, PRODUCTION])('%s', (file) => {
  test.each(Object.entries(SETTINGS))('%s: its settings are complete and good', (name, schema) => {
    const env = readComposeFile(file).services[name]!.environment ?? {};
    expect(parseSettings(schema, onThisMachine(env, FINDERS[file]!))).toMatchObject({
      DATABASE_URL: expect.stringContaining('@postgres:5432/b2b_charge'),
      NATS_NKEY_SEED: expect.stringMatching(/^SU/),
    });
  });
});

test('every secret file of production is made, but for the certificate', () => {
  for (const { file } of Object.values(production.secrets!)) {
    if (file.includes('/tls/')) continue;
    expect(existsSync(file.replace('./secrets', secrets.folder)), file).toBe(true);
  }
});

test('no two secrets are the same, and none is short', () => {
  const all = Object.keys(fingerprints()).filter((file) => /password|PASSWORD|SEED|TOKEN/.test(file));
  const values = all.map((file) => readFileSync(file, 'utf8').trim());
  expect(all.length).toBeGreaterThan(12);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect(value.length).toBeGreaterThanOrEqual(32);
});

test('another run changes nothing; what is lost is made anew, and what follows from it', () => {
  const before = fingerprints();
  secrets.make();
  expect(fingerprints()).toEqual(before);
  rmSync(path.join(secrets.folder, 'ledger'), { recursive: true });
  const users = read('nats-users.conf');
  secrets.make();
  expect(read('ledger/DATABASE_URL')).toContain(read('migrate/LEDGER_DATABASE_PASSWORD'));
  expect(read('nats-users.conf')).not.toBe(users);
});

test('NATS knows every user of the system, with the rights of the contract', () => {
  const users = read('nats-users.conf').replaceAll(', ', ',');
  for (const [name, { publish, subscribe }] of Object.entries(natsPermissions())) {
    const line = new RegExp(`# ${name}\\n *(\\{.*\\})`).exec(users)![1]!;
    expect(line).toContain(`publish: { allow: ${JSON.stringify(publish)} }`);
    expect(line).toContain(`subscribe: { allow: ${JSON.stringify(subscribe)} }`);
  }
});

test('other places for the servers', () => {
  secrets.make('--postgres', 'postgres-rw:5432/b2b_charge', '--redis', 'copies:6380');
  for (const service of SERVICES) {
    expect(read(`${service}/DATABASE_URL`)).toMatch(
      new RegExp(`^postgresql://b2b_${service}:\\S+@postgres-rw:5432/b2b_charge$`),
    );
  }
  expect(read('gateway/REDIS_URL')).toMatch(/^redis:\/\/:\S+@copies:6380\/0$/);
});
