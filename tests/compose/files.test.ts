import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import {
  type ComposeService,
  DEVELOPMENT,
  heapOf,
  networksOf,
  PRODUCTION,
  ROOT,
  readComposeFile,
} from './compose-file.ts';

const SERVERS = ['postgres', 'nats', 'redis'];
const development = readComposeFile(DEVELOPMENT);
const production = readComposeFile(PRODUCTION);
const oneShot = (name: string) => ['migrate', 'secrets', 'hello'].includes(name);

/** The contents of the files, with an engine or without; live.fleet.test.ts brings them up where one answers. */
describe.each([
  ['docker-compose.yml', development, '.'],
  ['compose.prod.yml', production, 'deploy'],
])('%s', (_, file, folder) => {
  const services = Object.entries(file.services);
  const each = services.map(([name, service]) => ({ name, service }));

  test('has every service, and runs the image of its name', () => {
    const targets = Object.fromEntries(services.map(([name, { build }]) => [name, build?.target]));
    expect(targets).toMatchObject(Object.fromEntries(SERVICES.map((service) => [service, service])));
  });

  const isBuilt = ({ service }: { service: ComposeService }) => service.build !== undefined;
  const foreign = each.filter((one) => !isBuilt(one));

  test.each(each.filter(isBuilt))('$name: is built from this repository', ({ service }) => {
    expect(service.build!.context).toMatch(/^\.\.?$/);
  });

  test.each(foreign)('$name: the image is pinned to a version', ({ service }) => {
    expect(service.image).toMatch(/^[a-z][a-z/]*:v?\d+[\d.]*(-alpine)?$/);
  });

  const inside = each.filter(
    ({ name }) => !['gateway', 'backoffice', 'nginx', 'prometheus', 'grafana'].includes(name),
  );
  test.each(inside)('$name: is the inside of the system, and publishes nothing', ({ service }) => {
    expect(service.ports ?? []).toEqual([]);
  });

  test.each(each.filter(({ name }) => !oneShot(name)))('$name: comes back', ({ service }) => {
    expect(service.restart).toBe('unless-stopped');
  });

  // The images of the services bring their own check.
  test.each(foreign.filter(({ name }) => !oneShot(name)))('$name: is checked', ({ service }) => {
    expect(service.healthcheck).toHaveProperty('test');
  });

  const waiting = each.filter(({ service }) => service.depends_on);
  test.each(waiting)('$name: waits for what it needs, until that is well', ({ service }) => {
    for (const [other, { condition }] of Object.entries(service.depends_on!)) {
      const well = oneShot(other) ? 'service_completed_successfully' : 'service_healthy';
      expect(condition, other).toBe(well);
    }
  });

  test('what is mounted exists', () => {
    const sources = each
      .flatMap(({ service }) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0]!);
    const [folders, volumes] = [true, false].map((is) => sources.filter((one) => one.startsWith('.') === is));
    expect(Object.keys(file.volumes)).toEqual(expect.arrayContaining(volumes!));
    const missing = folders!.filter((source) => !existsSync(path.join(ROOT, folder, source)));
    expect(missing.filter((source) => !source.includes('/secrets/'))).toEqual([]);
    expect(folders!.length * volumes!.length).toBeGreaterThan(0);
  });

  test.each(Object.entries(SETTINGS))('%s: is told settings that it knows', (name, schema) => {
    const variables = Object.keys(file.services[name]!.environment ?? {});
    const known = Object.keys(schema.shape);
    const unknown = variables.filter(
      (variable) => !known.includes(variable) && !known.includes(variable.replace(/_FILE$/, '')),
    );
    expect(unknown).toEqual([]);
    const redis = 'REDIS_URL' in schema.shape ? ['REDIS_URL_FILE'] : [];
    expect(variables).toEqual(
      expect.arrayContaining(['NATS_URL', 'NATS_NKEY_SEED_FILE', 'DATABASE_URL_FILE', ...redis]),
    );
  });

  test('the migration sets every password that a service will use', () => {
    const given = Object.keys(file.services.migrate!.environment ?? {});
    for (const service of SERVICES)
      expect(given).toContain(`${service.toUpperCase()}_DATABASE_PASSWORD_FILE`);
  });

  test('data outlives the containers', () => {
    for (const server of SERVERS) {
      const volumes = file.services[server]!.volumes ?? [];
      expect(volumes.some((volume) => volume.startsWith(`${server}:`))).toBe(true);
    }
  });

  test.each(SERVICES)('%s: no rights, nothing to write to', (name) => {
    hardened(file.services[name]!);
    expect(file.services[name]!.cap_add).toBeUndefined();
  });
});

describe('production', () => {
  const each = Object.entries(production.services).map(([name, service]) => ({ name, service }));

  test.each(each)('$name: has limits, few rights, and a log that ends', ({ service }) => {
    hardened(service);
    expect(Object.keys(service.deploy!.resources.limits).toSorted()).toEqual(['cpus', 'memory', 'pids']);
    expect(service.logging!.options).toMatchObject({
      'max-size': expect.any(String),
      'max-file': expect.any(String),
    });
  });

  test.each(['gateway', 'ledger'])('%s: there are two', (name) => {
    expect(production.services[name]!.deploy!.replicas).toBe(2);
  });

  test.each(SERVICES)('%s: its limit of memory holds its heap, and a quarter more', (name) => {
    const limit = Number.parseInt(String(production.services[name]!.deploy!.resources.limits.memory), 10);
    expect(limit).toBeGreaterThanOrEqual(heapOf(name) * 1.25);
  });

  test('nginx alone is published, and reaches the gateways and the back office alone', () => {
    const published = each.filter(({ service }) => service.ports?.some((port) => !port.startsWith('127.')));
    expect(published.map(({ name }) => name)).toEqual(['nginx']);
    const edge = each.filter(({ service }) => networksOf(service).includes('edge')).map(({ name }) => name);
    expect(edge.toSorted()).toEqual(['backoffice', 'gateway', 'nginx']);
    expect(networksOf(production.services.nginx!)).toEqual(['edge']);
  });

  test.each(SERVERS)('%s: no way out, and none in but from the services', (name) => {
    const networks = networksOf(production.services[name]!);
    expect(networks).toHaveLength(1);
    expect(production.networks![networks[0]!]!.internal).toBe(true);
  });

  test('the gateways and the back office believe nginx, and nobody else', () => {
    const { ipv4_address: address } = (
      production.services.nginx!.networks as Record<string, { ipv4_address: string }>
    ).edge!;
    for (const name of ['gateway', 'backoffice'])
      expect(production.services[name]!.environment!.TRUSTED_PROXIES).toBe(address);
  });

  test('every secret is a file that the trial makes, and is given to those who use it', () => {
    const made = readFileSync(path.join(ROOT, 'deploy/compose/make-secrets.ts'), 'utf8');
    for (const [name, { file }] of Object.entries(production.secrets!)) {
      const users = each.filter(({ service }) => service.secrets?.includes(name));
      expect(users.length, name).toBeGreaterThan(0);
      const variable = path.basename(file);
      const known =
        made.includes(variable) || variable.endsWith('_DATABASE_PASSWORD') || file.includes('/tls/');
      expect(known, file).toBe(true);
    }
    for (const { service } of each) {
      for (const secret of service.secrets ?? []) expect(production.secrets).toHaveProperty([secret]);
      const files = Object.entries(service.environment ?? {}).filter(([name]) => name.endsWith('_FILE'));
      for (const [variable, value] of files)
        expect(service.secrets, variable).toContain(path.basename(value));
    }
  });

  test('nginx takes bodies that the gateway itself would refuse, keeps connections shorter, hides the metrics', () => {
    const nginx = readFileSync(path.join(ROOT, 'deploy/nginx/nginx.conf'), 'utf8');
    const body = Number(/client_max_body_size (\d+)m;/.exec(nginx)![1]) * 1024 ** 2;
    const { MAX_BODY_BYTES } = SETTINGS.gateway.shape;
    expect(body).toBeGreaterThan(MAX_BODY_BYTES.parse(undefined));
    expect(Number(/keepalive_timeout (\d+)s;\n\s+}/.exec(nginx)![1])).toBeLessThan(75);
    expect(nginx).toMatch(/location ~ \^\/api\/metrics.*return 404/);
    expect(nginx).not.toContain('$proxy_add_x_forwarded_for');
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');

  test.each([...SERVICES, 'tools'])('has the target %s', (name) => {
    const folder = name === 'tools' ? '/app' : `/app/services/${name}`;
    expect(text).toContain(`FROM base AS ${name}\nWORKDIR ${folder}\n`);
  });

  test('installs what the lockfile says, and runs it as nobody in particular', () => {
    expect(text).toContain('npm ci ');
    expect(text).not.toContain('npm install');
    expect(text).toContain('USER 1000:1000');
    expect(text).toMatch(/HEALTHCHECK .*\n.*healthy\.mjs/);
  });
});

function hardened(service: ComposeService): void {
  expect(service.read_only).toBe(true);
  expect(service.cap_drop).toEqual(['ALL']);
  expect(service.security_opt).toContain('no-new-privileges:true');
}
