import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import { freePort } from '@b2b-charge/stack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askTls } from './ask-tls.ts';
import { DEVELOPMENT, PRODUCTION, ROOT, readComposeFile } from './compose-file.ts';
import { builderSettings, docker, execute, whyNoEngine } from './engine.ts';
import { createStack, type Stack } from './stack.ts';

/** Building, starting and stopping; what a test itself does is short. */
const LONG_MS = 600_000;
const SALES = 40;
const imagesOf = (file: string, ...besides: string[]) =>
  Object.entries(readComposeFile(file).services).flatMap(([name, { image, build, profiles }]) =>
    image && !build && (!profiles || besides.includes(name)) ? [image] : [],
  );

const notHere = {
  development: await whyNoEngine(imagesOf(DEVELOPMENT, 'prometheus')),
  production: await whyNoEngine(imagesOf(PRODUCTION)),
};
for (const [name, reason] of Object.entries(notHere)) {
  if (reason)
    console.warn(
      `${name} is not brought up here: ${reason}. files.test.ts and secrets.test.ts checked the rest.`,
    );
}
test.runIf(process.env.DOCKER_HOST)('where a Docker engine is named, it answers', () => {
  expect(notHere.development ?? '').not.toMatch(/cannot connect/i);
});

/** A vendor who sells, each sale twice. */
async function customer(url: string, adminUrl: string, adminToken: string, authority?: string) {
  const script = ['tests/compose/customer.ts', url, adminUrl, adminToken, String(SALES)];
  const env = authority ? { NODE_EXTRA_CA_CERTS: authority } : {};
  return JSON.parse(await execute(process.execPath, script, { env, timeoutMs: 60_000 })) as object;
}
const ALL_SOLD = { sold: SALES, repeated: true, spent: SALES * 1_000 };

describe.runIf(notHere.development === null)('docker-compose.yml', () => {
  let stack: Stack;
  let url: string;
  let adminUrl: string;
  const hello = async () => {
    const log = await stack.compose('logs', '--no-log-prefix', 'hello');
    return /Token (\S+)'[\s\S]*-d '([^']+)'/.exec(log)!.slice(1) as [string, string];
  };

  beforeAll(async () => {
    const ports = {
      GATEWAY_PORT: await freePort(),
      BACKOFFICE_PORT: await freePort(),
      PROMETHEUS_PORT: await freePort(),
    };
    url = `http://127.0.0.1:${ports.GATEWAY_PORT}`;
    adminUrl = `http://127.0.0.1:${ports.BACKOFFICE_PORT}`;
    const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
    stack = createStack(DEVELOPMENT, { ...env, ...(await builderSettings()) });
    await stack.up();
    await stack.compose('wait', 'hello').catch(() => {});
  }, LONG_MS);
  afterAll(() => stack?.[Symbol.asyncDispose](), LONG_MS);

  test('the line that it prints sells a charge', async () => {
    const [token, body] = await hello();
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/charges/sell/`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({
      success: true,
      data: { amount: 5_000, balance_after: 995_000 },
    });
  });

  test('a vendor sells, repeats, and pays once; the audit finds nothing', async () => {
    const token = await stack.compose('exec', '-T', 'backoffice', 'node', '-e', READ_ADMIN_TOKEN);
    expect(await customer(url, adminUrl, token)).toEqual(ALL_SOLD);
    expect(await stack.compose('exec', '-T', 'reconciler', 'b2b', 'reconcile', '--full')).toContain(
      'Critical Issues: 0',
    );
  }, 90_000);

  test.each(SERVICES)(
    '%s: an image without a shell, run without rights, that says what is in it',
    async (service) => {
      const image = `${stack.project}-${service}`;
      const { Config } = JSON.parse(await docker(['image', 'inspect', '--format', '{{json .}}', image]));
      expect(Config.User).toBe('1000:1000');
      expect(Config.Labels['org.opencontainers.image.version']).toBe(stack.project);
      await expect(docker(['run', '--rm', '--entrypoint', '/bin/sh', image])).rejects.toThrow('no such file');
      const bom = JSON.parse(await stack.compose('exec', '-T', service, 'node', '-p', READ_BOM));
      const named = (bom.components as { name: string }[]).map(({ name }) => name);
      const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      expect(named).toEqual(expect.arrayContaining([...Object.keys(dependencies), 'node', 'libc6']));
      const write = stack.compose('exec', '-T', service, 'node', '-e', 'fs.writeFileSync("/app/x", "")');
      await expect(write).rejects.toThrow('EROFS');
    },
  );

  test('Prometheus finds every service', async () => {
    await stack.compose('--profile', 'observe', 'up', '--detach', '--wait', 'prometheus');
    const { PROMETHEUS_PORT } = {
      PROMETHEUS_PORT: (await stack.compose('port', 'prometheus', '9090')).trim(),
    };
    const up = async () => {
      const answer = await fetch(`http://${PROMETHEUS_PORT}/api/v1/query?query=up`);
      const { data } = (await answer.json()) as {
        data: { result: { metric: { job: string }; value: [number, string] }[] };
      };
      return Object.fromEntries(data.result.map(({ metric, value }) => [metric.job, value[1]]));
    };
    await expect
      .poll(up, { timeout: 45_000, interval: 500 })
      .toMatchObject(Object.fromEntries(SERVICES.map((service) => [service, '1'])));
  }, 120_000);

  test('taken down and up again, it goes on where it was', async () => {
    const [token] = await hello();
    const balance = async () => {
      const headers = { authorization: `Token ${token}` };
      return (await (await fetch(`${url}/api/vendors/balance/`, { headers })).json()) as object;
    };
    const before = await balance();
    await stack.compose('--profile', 'observe', 'down', '--timeout', '20');
    await stack.compose('up', '--detach', '--wait', ...SERVICES);
    expect(await balance()).toEqual(before);
  }, 120_000);
});

const READ_ADMIN_TOKEN =
  'process.stdout.write(fs.readFileSync("/secrets/backoffice/ADMIN_BOOTSTRAP_TOKEN", "utf8").trim())';
const NATS_CONNECTIONS = 'http://127.0.0.1:8222/connz';
const READ_BOM = 'fs.readFileSync("/app/sbom.cdx.json", "utf8")';

describe.runIf(notHere.production === null)('compose.prod.yml', () => {
  const secrets = mkdtempSync(path.join(tmpdir(), 'b2b-secrets-'));
  const authority = path.join(secrets, 'tls/ca.crt');
  let stack: Stack;
  let port: number;
  let plainPort: number;
  let adminPort: number;
  const adminToken = () =>
    readFileSync(path.join(secrets, 'backoffice/ADMIN_BOOTSTRAP_TOKEN'), 'utf8').trim();
  const ask = (target: string, options: Parameters<typeof askTls>[1]) =>
    askTls({ port, ca: readFileSync(authority), target }, options);

  beforeAll(async () => {
    [port, plainPort, adminPort] = [await freePort(), await freePort(), await freePort()];
    const env = {
      HTTP_PORT: String(plainPort),
      HTTPS_PORT: String(port),
      BACKOFFICE_PORT: String(adminPort),
      // Beside a stack that may be running here.
      EDGE_SUBNET: '172.31.241.0/24',
      NGINX_ADDRESS: '172.31.241.10',
      SECRETS_DIR: secrets,
      ...(await builderSettings()),
    };
    stack = createStack(PRODUCTION, env);
    await execute('deploy/make-trial.sh', [], {
      env: { ...env, VERSION: stack.project },
      timeoutMs: LONG_MS,
    });
    await stack.up('--wait');
  }, LONG_MS);
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    rmSync(secrets, { recursive: true, force: true });
  }, LONG_MS);

  test('a vendor sells over TLS; with a gateway and a ledger killed, goes on; the audit finds nothing', async () => {
    const url = `https://localhost:${port}`;
    const adminUrl = `https://localhost:${adminPort}`;
    expect(await customer(url, adminUrl, adminToken(), authority)).toEqual(ALL_SOLD);
    for (const service of ['gateway', 'ledger']) {
      const [first, second] = await stack.containers(service);
      expect(second).toBeDefined();
      await docker(['kill', first!]);
    }
    expect(await customer(url, adminUrl, adminToken(), authority)).toEqual(ALL_SOLD);
    expect(await stack.compose('exec', '-T', 'reconciler', 'b2b', 'reconcile', '--full')).toContain(
      'Critical Issues: 0',
    );
  }, 120_000);

  test('TLS is of today, and asked for', async () => {
    const { headers } = await ask('/api/health/', {});
    expect(headers['strict-transport-security']).toContain('max-age=');
    await expect(ask('/api/health/', { maxVersion: 'TLSv1.1' })).rejects.toThrow();
    const plain = await fetch(`http://localhost:${plainPort}/api/health/`, { redirect: 'manual' });
    expect(plain.status).toBe(403);
  });

  test('nobody speaks to NATS in the clear', async () => {
    const figures = await stack.compose('exec', '-T', 'nats', 'wget', '-q', '-O', '-', NATS_CONNECTIONS);
    const { connections } = JSON.parse(figures) as { connections: { name: string; tls_version?: string }[] };
    expect(connections.map(({ name }) => name)).toEqual(expect.arrayContaining([...SERVICES]));
    for (const { name, tls_version: version } of connections) expect(version, name).toMatch(/^1\.[23]$/);
  });

  test('the metrics stay inside, and what nginx refuses has the words of the API', async () => {
    expect((await ask('/api/metrics/', {})).status).toBe(404);
    const large = await ask('/api/charges/sell/', { method: 'POST', body: 'x'.repeat(2 * 1024 ** 2) });
    expect(large.status).toBe(413);
    expect(JSON.parse(large.body)).toMatchObject({ success: false, error: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  test('a client cannot say that it is somebody else, and no token is in any log', async () => {
    const token = 'b2bv_thisTokenOpensNothingAtAll0123456789012345';
    const forged = { authorization: `Token ${token}`, 'x-forwarded-for': '203.0.113.7' };
    expect((await ask('/api/vendors/balance/', { headers: forged })).status).toBe(401);
    const refused = async () => await stack.compose('logs', '--no-log-prefix', 'gateway');
    await expect.poll(refused, { timeout: 10_000 }).toContain('"log":"security"');
    const everything = await stack.compose('logs', '--no-log-prefix');
    expect(everything).not.toContain('203.0.113.7');
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(adminToken());
  });
});
