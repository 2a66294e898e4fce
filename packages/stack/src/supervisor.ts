import path from 'node:path';
import { explain } from '@b2b-charge/runtime';
import { type Guardian, startGuardian } from './guardian/guardian.ts';
import { openStackFolder, type StackFolder } from './local/folder.ts';
import { lockStack, StackRunningError } from './local/lock.ts';
import { parseStackOptions, type StackOptions, USAGE, UsageError } from './local/options.ts';
import { readyReport } from './local/report.ts';
import {
  type DemoVendor,
  knownVendors,
  rememberVendors,
  removeStackFile,
  writeStackFile,
} from './local/stack-file.ts';
import { type LocalStackOptions, StartedParts, startLocalStack } from './local/start-local-stack.ts';
import { serverSources } from './servers/sources.ts';

const INTERRUPTED = 130;
/** One Ctrl-C may reach us twice, from the terminal and from npm. */
const SECOND_SIGNAL_AFTER_MS = 500;

export interface SupervisorOptions {
  /** Of the repository. */
  readonly root: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly migrate: LocalStackOptions['migrate'];
  /** Creates the console's first operator, or gives the one there is this password. */
  readonly createOperator: (options: {
    databaseUrl: string;
    username: string;
    password: string;
  }) => Promise<void>;
  /** Creates those that `known` lacks, and returns all of them. */
  readonly createDemoVendors: (options: {
    gatewayUrl: string;
    backofficeUrl: string;
    adminToken: string;
    known: readonly DemoVendor[];
  }) => Promise<readonly DemoVendor[]>;
}

/** `npm start`: runs the whole stack until a signal comes. Resolves with the exit code. */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  // A terminal that is closed must not keep us from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const progress = createProgress();
  try {
    const flags = parseStackOptions(options.args);
    if (flags.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const folder = openStackFolder(options.environment.LOCAL_DIR || path.join(options.root, '.local'));
    const unlock = lockStack(folder);
    try {
      return await superviseUntilSignal(options, flags, folder, progress);
    } finally {
      unlock();
    }
  } catch (error) {
    const expected = error instanceof UsageError || error instanceof StackRunningError;
    process.stderr.write(`${expected ? (error as Error).message : explain(error)}\n`);
    return expected ? 2 : 1;
  }
}

async function superviseUntilSignal(
  options: SupervisorOptions,
  flags: StackOptions,
  folder: StackFolder,
  progress: (line: string) => void,
): Promise<number> {
  const guardian = startGuardian();
  const parts = new StartedParts();
  const signal = nextSignal(guardian);
  try {
    const up = bringUp(options, flags, folder, { guardian, parts, progress });
    const first = await Promise.race([up.then(() => undefined), signal]);
    const reason = first ?? (await signal);
    progress(`${reason}: stopping`);
    // Interrupted while still starting: it fails now that its parts are stopped, and nobody asks.
    up.catch(() => {});
    return 0;
  } finally {
    await parts.stop();
    // Ends what a start that was under way has started in the meantime.
    await guardian.close();
    removeStackFile(folder);
    progress('stopped');
  }
}

interface Bringing {
  readonly guardian: Guardian;
  readonly parts: StartedParts;
  readonly progress: (line: string) => void;
}

async function bringUp(
  options: SupervisorOptions,
  flags: StackOptions,
  folder: StackFolder,
  { guardian, parts, progress }: Bringing,
): Promise<void> {
  const { root, environment, migrate, createDemoVendors, createOperator } = options;
  let vendors: readonly DemoVendor[] = [];
  const sources = serverSources(environment);
  const stack = await startLocalStack(
    {
      root,
      folder,
      sources,
      environment,
      guardian,
      progress,
      migrate,
      fresh: flags.fresh,
      gatewayPort: flags.port,
      backofficePort: flags.backofficePort,
      changed: (changed) => writeStackFile(folder, changed, vendors),
    },
    parts,
  );
  await createOperator({ databaseUrl: stack.databaseUrl, ...stack.secrets.admin });
  // `npm run nats-user` has written down another internal system.
  process.on('SIGUSR2', () => {
    stack.servers.nats.reload().then(
      () => progress('nats has new users'),
      (error) => progress(`nats keeps its users: ${(error as Error).message}`),
    );
  });
  vendors = knownVendors(folder);
  if (flags.demoVendors) {
    const adminToken = stack.secrets.admin.token;
    const { gatewayUrl, backofficeUrl } = stack;
    vendors = await createDemoVendors({ gatewayUrl, backofficeUrl, adminToken, known: vendors });
    rememberVendors(folder, vendors);
  }
  writeStackFile(folder, stack, vendors);
  progress('ready');
  process.stdout.write(`${readyReport(folder, stack, vendors)}\n`);
}

/** Resolves with the first signal to stop; at the second one leaves at once, and the guardian ends the rest. */
function nextSignal(guardian: Guardian): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        first ??= Date.now();
        resolve(name);
        if (Date.now() - first > SECOND_SIGNAL_AFTER_MS)
          void guardian.close().finally(() => process.exit(INTERRUPTED));
      });
    }
  });
}

function createProgress(): (line: string) => void {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    process.stdout.write(`[${seconds} s] ${line}\n`);
  };
}
