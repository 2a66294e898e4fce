import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  natsAuthorization,
  natsPermissions,
  natsSystemsSchema,
  SERVICES,
  systemUsers,
} from '@b2b-charge/contracts';
import { createUser, fromSeed } from '@nats-io/nkeys';

/**
 * make-secrets.ts FOLDER: every password, key and URL of a deployment. A folder per service, in it a file per setting,
 * named like the setting. What exists is kept; what follows from it (URLs, the NATS users and their permissions) is
 * written anew, so a later version or another service needs nothing but another run.
 */
const { values: at, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    postgres: { type: 'string', default: 'postgres:5432/b2b_charge' },
    redis: { type: 'string', default: 'redis:6379' },
    /** Folders to hand to the user of the services' images. */
    own: { type: 'string', multiple: true, default: [] },
  },
});
const folder = positionals[0];
if (!folder) throw new Error('make-secrets.ts FOLDER: no folder given');
const IMAGE_USER = 1000;
const LIMITED = 0o444;

const password = (): string => randomBytes(24).toString('base64url');
const seed = (): string => new TextDecoder().decode(createUser().getSeed());
const sealingKey = (): string => randomBytes(32).toString('base64');
const signingKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd();

const owner = keep('postgres-password', password);
const redis = keep('redis-password', password);
keep('grafana-password', password);
keep('backoffice/ADMIN_BOOTSTRAP_TOKEN', password);
keep('reconciler/signing-key.pem', signingKey);
keep('webhooks/WEBHOOK_SECRET_KEY', sealingKey);
keep('ledger/PHONE_SALT_KEY', sealingKey);
keep('gateway/REDIS_SEAL_KEY', sealingKey);
keep('backoffice/REDIS_SEAL_KEY', sealingKey);

write('redis.conf', `requirepass ${redis}\nappendonly yes\nmaxmemory 384mb\nmaxmemory-policy allkeys-lru`);
write('migrate/DATABASE_URL', `postgresql://postgres:${owner}@${at.postgres}`);
for (const service of SERVICES) {
  const role = keep(`migrate/${service.toUpperCase()}_DATABASE_PASSWORD`, password);
  write(`${service}/DATABASE_URL`, `postgresql://b2b_${service}:${role}@${at.postgres}`);
  write(`${service}/REDIS_URL`, `redis://:${redis}@${at.redis}/0`);
}
const users = Object.entries(natsPermissions()).map(([name, permissions]) => {
  const file = `${name === 'operator' ? 'migrate' : name}/NATS_NKEY_SEED`;
  const publicKey = fromSeed(new TextEncoder().encode(keep(file, seed))).getPublicKey();
  return { name, publicKey, permissions };
});
/** While `npm run nats-user -- rotate` has a key replaced, its user comes in by either. */
const withFormer = users.flatMap((user) => {
  const former = path.join(
    folder,
    user.name === 'operator' ? 'migrate' : user.name,
    'NATS_FORMER_PUBLIC_KEY',
  );
  return existsSync(former) ? [user, { ...user, publicKey: readFileSync(former, 'utf8').trim() }] : [user];
});
// The internal systems, that `npm run nats-user` makes.
const systems = path.join(folder, 'nats-systems.json');
const known = natsSystemsSchema.parse(existsSync(systems) ? JSON.parse(readFileSync(systems, 'utf8')) : {});
write('nats-users.conf', natsAuthorization([...withFormer, ...systemUsers(known)]).trimEnd());
for (const owned of at.own) chownSync(owned, IMAGE_USER, IMAGE_USER);
console.log(`secrets: in ${folder}`);

/** What the file holds; made if it does not exist. */
function keep(name: string, make: () => string): string {
  const file = path.join(folder!, name);
  if (!existsSync(file)) write(name, make());
  return readFileSync(file, 'utf8').trimEnd();
}

/** Servers and services read them as users of their own; it is the folder that keeps others out. */
function write(name: string, text: string): void {
  const file = path.join(folder!, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, `${text}\n`);
  chmodSync(file, LIMITED);
}
