import { existsSync, readFileSync } from 'node:fs';
import { createSubjects, type InternalSystem, type NatsSystems, parseIsoTime } from '@b2b-charge/contracts';
import { connectNats, matchSystemConsumers, type StartFrom, startReplay } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { seedFile } from './keys.ts';
import type { RunningStack } from './local-stack.ts';
import { UsageError } from './options.ts';

const CONNECT_MS = 5_000;

/** Where the operator reaches the server. */
export interface OperatorAccess {
  readonly url: string;
  readonly nkeySeed: string | undefined;
  readonly ca?: string | undefined;
}

/** Null if no server is known: then the consumers have to wait. */
export function operatorAccess(
  stack: RunningStack | null,
  { folder, own }: { readonly folder: string; readonly own: boolean },
  env: NodeJS.ProcessEnv,
): OperatorAccess | null {
  if (!own) return stack && { url: stack.nats, nkeySeed: stack.operator.NATS_NKEY_SEED };
  if (!env.NATS_URL) return null;
  const file = env.NATS_NKEY_SEED_FILE ?? seedFile(folder, 'operator');
  if (!existsSync(file)) {
    throw new UsageError(`${file} is not there: name the operator's key by NATS_NKEY_SEED_FILE`);
  }
  const caFile = env.NATS_TLS_CA_FILE;
  return {
    url: env.NATS_URL,
    nkeySeed: readFileSync(file, 'utf8').trim(),
    ca: caFile ? readFileSync(caFile, 'utf8') : undefined,
  };
}

async function asOperator<T>({ url, nkeySeed, ca }: OperatorAccess, act: (nc: NatsConnection) => Promise<T>) {
  const nc = await connectNats({ user: 'operator', url, nkeySeed, tls: { ca }, withinMs: CONNECT_MS });
  try {
    return await act(nc);
  } finally {
    await nc.close();
  }
}

/** Makes and deletes consumers on the running server, until they are those of the systems. Returns a line for each. */
export const matchConsumers = (
  access: OperatorAccess,
  { systems, namespace }: NatsSystems,
): Promise<string[]> =>
  asOperator(access, (nc) => matchSystemConsumers(nc, createSubjects(namespace), systems));

/** Has a system read a vendor's events again. Throws UsageError. */
export async function replay(
  access: OperatorAccess,
  { systems, namespace }: NatsSystems,
  wish: { readonly name: string; readonly vendor: number | undefined; readonly from: string },
): Promise<string> {
  const system = systems.find(({ name }) => name === wish.name);
  if (!system) throw new UsageError(`there is no internal system ${wish.name}`);
  const vendor = vendorOf(system, wish.vendor);
  const from = startOf(wish.from);
  const durable = await asOperator(access, (nc) =>
    startReplay(nc, createSubjects(namespace), { system, vendor, from }),
  );
  return `consumer ${durable}: made, from ${wish.from}`;
}

function vendorOf({ name, vendors }: InternalSystem, wished: number | undefined): number | 'all' {
  if (vendors === 'all') return 'all';
  const vendor = wished ?? vendors[0]!;
  if (wished === undefined && vendors.length > 1) {
    throw new UsageError(`${name} has ${vendors.length} vendors: name one by --vendor`);
  }
  if (!vendors.includes(vendor)) throw new UsageError(`${name} does not follow vendor ${vendor}`);
  return vendor;
}

function startOf(text: string): StartFrom {
  if (text === 'first') return 'first';
  if (/^[1-9]\d{0,15}$/.test(text)) return { sequence: Number(text) };
  const ms = parseIsoTime(text);
  if (ms === null)
    throw new UsageError(`--from ${text}: "first", a sequence, or a time such as 2026-11-23T00:00:00Z`);
  return { time: new Date(ms) };
}
