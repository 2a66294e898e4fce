import { rmSync } from 'node:fs';
import { localStackFile } from '@b2b-charge/runtime';
import type { StackFolder } from './folder.ts';
import { readJson, writeJson } from './json-file.ts';
import type { LocalStack } from './start-local-stack.ts';

export interface DemoVendor {
  readonly id: number;
  readonly name: string;
  readonly token: string;
}

/** What .local/stack.json says; there while a stack runs. */
export interface StackFile {
  readonly gateway: string;
  readonly backoffice: string;
  readonly nats: string;
  readonly postgres: string;
  readonly redis: string;
  readonly admin: { readonly token: string; readonly username: string; readonly password: string };
  readonly vendors: readonly DemoVendor[];
  /** Health and metrics of each service. */
  readonly ops: Readonly<Record<string, string>>;
  /** What each service was told by its environment, for tools that act as one: the reconciler's CLI, for instance. */
  readonly services: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What an operator's tools need beyond that: the NATS user that may resubmit a dead letter. */
  readonly operator: Readonly<Record<string, string>>;
  /** By name: the services, postgres, nats, redis, supervisor; without those that this machine does not see. */
  readonly pids: Readonly<Record<string, number>>;
  /** Ids of the containers of those that run in one, by name. */
  readonly containers: Readonly<Record<string, string>>;
}

export function writeStackFile(folder: StackFolder, stack: LocalStack, vendors: readonly DemoVendor[]): void {
  const { servers, secrets, services } = stack;
  writeJson(folder.stack, {
    gateway: stack.gatewayUrl,
    backoffice: stack.backofficeUrl,
    nats: servers.nats.url,
    postgres: stack.databaseUrl,
    redis: servers.redis.url,
    admin: secrets.admin,
    vendors,
    ops: Object.fromEntries(services.map(({ name, opsUrl }) => [name, opsUrl])),
    services: Object.fromEntries(services.map(({ name, settings }) => [name, settings])),
    // A NATS server given by URL does not know the users that we made.
    operator: servers.nats.source === 'url' ? {} : { NATS_NKEY_SEED: secrets.nats.operator },
    pids: { ...stack.pids(), supervisor: process.pid },
    containers: Object.fromEntries(
      Object.values(servers).flatMap(({ name, container }) => (container ? [[name, container]] : [])),
    ),
  } satisfies StackFile);
}

/** Sends a signal to a part of the stack: to its process, or to its container, which may be another user's. */
export async function signalPart(
  { pids, containers }: StackFile,
  name: string,
  signal: NodeJS.Signals,
): Promise<void> {
  const container = containers[name];
  if (!container) return void process.kill(pids[name]!, signal);
  const { signalContainer } = await import('../servers/docker-engine.ts');
  await signalContainer(container, signal);
}

/** What runs beside a tool with this environment; null if nothing does. */
export const readStackFile = (environment: NodeJS.ProcessEnv): StackFile | null =>
  readJson<StackFile>(localStackFile(environment)) ?? null;

export function removeStackFile(folder: StackFolder): void {
  rmSync(folder.stack, { force: true });
}

/** Tokens are shown once, when they are issued: those of the demo vendors are kept here for the next run. */
export function knownVendors(folder: StackFolder): readonly DemoVendor[] {
  return readJson<DemoVendor[]>(folder.vendors) ?? [];
}

export function rememberVendors(folder: StackFolder, vendors: readonly DemoVendor[]): void {
  writeJson(folder.vendors, vendors);
}
