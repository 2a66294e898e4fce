import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventConsumersOf, type NatsSystems, systemUsers } from '@b2b-charge/contracts';
import { localStackFile } from '@b2b-charge/runtime';
import { readNatsSystems, readStackFile, writeNatsSystems } from '@b2b-charge/stack';
import { changed, differences, inWords } from './change.ts';
import { matchConsumers, type OperatorAccess, operatorAccess, replay } from './consumers.ts';
import { forgetFormerKey, forgetKey, makeKey, publicKeyIn, seedFile } from './keys.ts';
import { inForce, isOurs, type RunningStack, reload } from './local-stack.ts';
import { type Options, UsageError } from './options.ts';
import { retire, rotate } from './rotate.ts';
import { haveItLoaded, writeUsers } from './users-file.ts';

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
  if ((order.kind === 'services' || order.kind === 'rotate' || order.kind === 'retire') && dir === undefined)
    throw new UsageError(`${order.kind} needs --dir: the local stack has its own`);
  const known = readNatsSystems(folder);
  const access = operatorAccess(stack, { folder, own: dir !== undefined }, env);
  if (order.kind === 'consumers') {
    const lines = await matchConsumers(required(access, order.kind), known);
    return lines.length === 0 ? 'every system has its consumers' : lines.join('\n');
  }
  if (order.kind === 'replay') return await replay(required(access, order.kind), known, order);
  if (order.kind === 'list') return list(known);
  if (order.kind === 'rotate') return rotate(folder, order.name, known, dryRun);
  if (order.kind === 'retire') return retire(folder, order.name, known, dryRun);
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
  if (order.kind === 'revoke') forgetFormerKey(folder, order.name);
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
    dir === undefined ? await putInForce(stack, options, folder, seed) : `Next: ${haveItLoaded(folder)}.`,
    ...(order.kind === 'put' || order.kind === 'revoke' ? await consumerLines(access, after) : []),
  ].join('\n');
}

async function consumerLines(access: OperatorAccess | null, systems: NatsSystems): Promise<string[]> {
  if (access) return await matchConsumers(access, systems);
  return ['Then make its consumers: `npm run nats-user -- consumers`, with NATS_URL and the same --dir.'];
}

function required(access: OperatorAccess | null, kind: string): OperatorAccess {
  if (access) return access;
  throw new UsageError(`${kind} needs a running server: start the local stack, or set NATS_URL`);
}

const seedOf = (folder: string, name: string): string | undefined => {
  const file = seedFile(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

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

/** The first request to JetStream that a system may make. */
const consumerInfoOf = (folder: string, name: string): string =>
  systemUsers(readNatsSystems(folder))
    .find((user) => user.name === name)!
    .permissions.publish.find((subject) => subject.includes('.CONSUMER.INFO.'))!;

async function putInForce(
  stack: RunningStack | null,
  { order }: Options,
  folder: string,
  seed: string | undefined,
): Promise<string> {
  if (!stack) return 'The local stack does not run: it takes effect when it starts.';
  reload(stack);
  if (order.kind !== 'put' && order.kind !== 'revoke') return 'The local stack loads it.';
  const { name } = order;
  const reaches = order.kind === 'put' ? consumerInfoOf(folder, name) : null;
  if (!seed && !existsSync(seedFile(folder, name))) return 'The local stack loads it.';
  if (!(await inForce(stack, { folder, name, reaches, ...(seed ? { seed } : {}) }))) {
    throw new Error('the local stack did not load it within 5 s: its output says why');
  }
  return `In force at ${stack.nats}.`;
}
