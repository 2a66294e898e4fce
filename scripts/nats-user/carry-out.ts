import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  eventConsumersOf,
  type NatsSystems,
  type NatsUser,
  natsAuthorization,
  natsPermissions,
  systemUsers,
} from '@b2b-charge/contracts';
import { localStackFile } from '@b2b-charge/runtime';
import { readNatsSystems, readStackFile, writeNatsSystems } from '@b2b-charge/stack';
import { changed, differences, inWords } from './change.ts';
import { forgetKey, makeKey, publicKeyIn, seedFile } from './keys.ts';
import { inForce, isOurs, type RunningStack, reload } from './local-stack.ts';
import { type Options, UsageError } from './options.ts';

/** Does what was ordered, and returns what there is to say. Throws UsageError and NatsSystemsError. */
export async function carryOut(options: Options, env: NodeJS.ProcessEnv): Promise<string> {
  const { order, dir, dryRun } = options;
  const folder = path.resolve(dir ?? path.join(path.dirname(localStackFile(env)), 'systems'));
  const stack = dir === undefined ? readStackFile(env) : null;
  if (stack && !isOurs(stack)) {
    throw new UsageError(
      'the local stack uses a NATS server that was given by its URL: give its folder with --dir',
    );
  }
  if (order.kind === 'services' && dir === undefined)
    throw new UsageError('services needs --dir: the local stack has its own');
  const known = readNatsSystems(folder);
  if (order.kind === 'list') return list(known);
  const made: string[] = [];
  const after = changed(known, options, (name) => publicKeyIn(folder, name) ?? newKey(name));
  function newKey(name: string): string {
    if (dryRun) return '(made at the time)';
    made.push(name);
    return makeKey(folder, name);
  }
  const lines = differences(known, after);
  if (dryRun) return lines.length === 0 ? 'nothing would change' : `would be done:\n  ${lines.join('\n  ')}`;
  if (dir !== undefined) writeUsers(folder, { create: order.kind === 'services', made }, after);
  writeNatsSystems(folder, after);
  const seed = order.kind === 'revoke' ? seedOf(folder, order.name) : undefined;
  if (order.kind === 'revoke') forgetKey(folder, order.name);
  const done = [
    ...lines,
    ...made
      .filter((name) => !lines.some((line) => line.startsWith(`${name}:`)))
      .map((name) => `${name}: made`),
  ];
  return [
    ...(done.length === 0 ? ['nothing was to be changed'] : done),
    ...(order.kind === 'put' ? describe(after, order.name, folder) : []),
    '',
    dir === undefined
      ? await putInForce(stack, options, folder, seed)
      : `Next: have the server load ${path.join(folder, 'nats-users.conf')} (nats-server --signal reload, or kill -HUP; docker compose kill -s HUP nats).`,
  ].join('\n');
}

const seedOf = (folder: string, name: string): string | undefined => {
  const file = seedFile(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

/** A deployment's own file for nats-server to include. In place: a container may have it mounted. */
function writeUsers(
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
  const text = head + natsAuthorization([...services, ...systemUsers(systems)]);
  writeInPlace(path.join(folder, 'nats-users.conf'), text);
}

/** What deploy/compose makes is closed to writing, and stays so. */
function writeInPlace(file: string, text: string): void {
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o644;
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function describe(systems: NatsSystems, name: string, folder: string): string[] {
  const { vendors } = systems.systems.find((system) => system.name === name)!;
  const user = systemUsers(systems).find((one) => one.name === name)!;
  const commands = user.permissions.publish.filter((subject) => subject.includes('ledger.commands.'));
  const first = vendors === 'all' ? 'all' : vendors[0]!;
  const kept = existsSync(seedFile(folder, name));
  return [
    '',
    `  sells for     ${inWords(vendors)}`,
    `  publishes on  ${commands.slice(0, 4).join('\n                ')}${commands.length > 4 ? `\n                … ${commands.length - 4} more` : ''}`,
    `  outcomes      ledger.outcomes.${name}.<client>.<n>`,
    `  events        ledger.events.${first === 'all' ? '*' : first}.>; durable consumers ${eventConsumersOf(name, first).join(', ')}${vendors !== 'all' && vendors.length > 1 ? ', and so for each' : ''}`,
    `  key           ${kept ? seedFile(folder, name) : 'handed over before: it is not here any more'}`,
  ];
}

function list({ lanes, systems }: NatsSystems): string {
  if (systems.length === 0) return 'no internal system yet';
  const lines = systems.map(
    ({ name, vendors, public_key }) => `${name.padEnd(32)}  ${public_key}  ${inWords(vendors)}`,
  );
  return [...lines, `${systems.length} in all; ${lanes} lanes`].join('\n');
}

async function putInForce(
  stack: RunningStack | null,
  { order }: Options,
  folder: string,
  seed: string | undefined,
): Promise<string> {
  if (!stack) return 'The local stack does not run: it takes effect when it starts.';
  reload(stack);
  if (order.kind !== 'put' && order.kind !== 'revoke') return 'The local stack loads it.';
  const welcome = order.kind === 'put';
  const { name } = order;
  if (!seed && !existsSync(seedFile(folder, name))) return 'The local stack loads it.';
  if (!(await inForce(stack, { folder, name, welcome, ...(seed ? { seed } : {}) }))) {
    throw new Error('the local stack did not load it within 5 s: its output says why');
  }
  return `In force at ${stack.nats}.`;
}
