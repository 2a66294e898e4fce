import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { natsPermissions, SERVICES } from '@b2b-charge/contracts';
import { createUser } from '@nats-io/nkeys';

/** Makes the passwords, keys and settings of a compose stack in a folder, once. */
const folder = process.argv[2] ?? '/secrets';
const done = path.join(folder, 'hello.env');
const secret = (): string => randomBytes(24).toString('base64url');

/** The user of the services' images, who makes the reconciler's signing key there. */
if (existsSync('/keys')) chownSync('/keys', 1000, 1000);
if (existsSync(done)) console.log(`secrets: kept in ${folder}`);
else makeSecrets();

function makeSecrets(): void {
  mkdirSync(folder, { recursive: true });
  const admin = secret();
  const postgres = secret();
  const passwords = Object.fromEntries(SERVICES.map((service) => [service, secret()]));
  const users = Object.entries(natsPermissions()).map(([name, permissions]) => ({
    name,
    permissions,
    key: createUser(),
  }));
  const seed = (name: string) =>
    new TextDecoder().decode(users.find((user) => user.name === name)!.key.getSeed());

  write('postgres-password', postgres);
  write('nats.conf', natsConf(users));
  write(
    'migrate.env',
    [
      `DATABASE_URL=postgresql://postgres:${postgres}@postgres:5432/b2b_charge`,
      ...SERVICES.map((service) => `${service.toUpperCase()}_DATABASE_PASSWORD=${passwords[service]}`),
      'NATS_URL=nats://nats:4222',
      `NATS_NKEY_SEED=${seed('operator')}`,
    ].join('\n'),
  );
  for (const service of SERVICES) {
    const lines = [
      `DATABASE_URL=postgresql://b2b_${service}:${passwords[service]}@postgres:5432/b2b_charge`,
      'NATS_URL=nats://nats:4222',
      `NATS_NKEY_SEED=${seed(service)}`,
      'REDIS_URL=redis://redis:6379/0',
      ...(service === 'gateway' ? [`ADMIN_BOOTSTRAP_TOKEN=${admin}`] : []),
    ];
    write(`${service}.env`, lines.join('\n'));
  }
  write('hello.env', `ADMIN_TOKEN=${admin}`);
  console.log(`secrets: made in ${folder}`);
}

function natsConf(
  users: readonly {
    name: string;
    permissions: { publish: readonly string[]; subscribe: readonly string[] };
    key: { getPublicKey(): string };
  }[],
): string {
  const list = (subjects: readonly string[]) => JSON.stringify(subjects);
  const entries = users.map(
    ({ name, permissions, key }) =>
      `    # ${name}\n    { nkey: ${key.getPublicKey()}, permissions: { publish: { allow: ${list(permissions.publish)} }, subscribe: { allow: ${list(permissions.subscribe)} } } }`,
  );
  return `port: 4222
jetstream { store_dir: "/data", max_mem: 64MB, max_file: 64GB }
authorization {
  users: [
${entries.join('\n')}
  ]
}
`;
}

/** The servers and services read them as users of their own; the volume is mounted by them alone. */
function write(name: string, text: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `${text}\n`);
  chmodSync(file, 0o444);
}
