import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  type NatsSystems,
  type NatsUser,
  natsAuthorization,
  natsPermissions,
  systemUsers,
} from '@b2b-charge/contracts';
import { formerKeyIn, makeKey, publicKeyIn, seedFile } from './keys.ts';
import { UsageError } from './options.ts';

/** A deployment's own file for nats-server to include. In place: a container may have it mounted. */
export function writeUsers(
  folder: string,
  keys: { readonly create: boolean; readonly made: string[] },
  systems: NatsSystems,
): void {
  const services = Object.entries(natsPermissions(systems.namespace)).map(([name, permissions]): NatsUser => {
    let publicKey = publicKeyIn(folder, name);
    if (publicKey === null) {
      if (!keys.create) {
        throw new UsageError(
          `${folder} has no key of ${name} (${seedFile(folder, name)}): \`npm run nats-user -- services --dir ${folder}\` makes those of all services`,
        );
      }
      publicKey = makeKey(folder, name);
      keys.made.push(name);
    }
    return { name, publicKey, permissions };
  });
  const head = '# Made by `npm run nats-user`: what is changed here is written over.\n';
  const users = [...services, ...systemUsers(systems)].flatMap((user) => withFormer(folder, user));
  writeInPlace(path.join(folder, 'nats-users.conf'), head + natsAuthorization(users));
}

/** While a key is being rotated its user comes in by either. */
function withFormer(folder: string, user: NatsUser): NatsUser[] {
  const former = formerKeyIn(folder, user.name);
  return former === null ? [user] : [user, { ...user, publicKey: former }];
}

/** What deploy/compose makes is closed to writing, and stays so. */
function writeInPlace(file: string, text: string): void {
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o644;
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, text);
  chmodSync(file, mode);
}

export const haveItLoaded = (folder: string): string =>
  `have the server load ${path.join(folder, 'nats-users.conf')} by nats-server --signal reload (kill -HUP; docker compose kill -s HUP nats), twice: a new account gets its imports with the second`;
