import { readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Guardian } from '../guardian/guardian.ts';
import { stopRunning } from '../process/running.ts';
import { type Launch, startProcess } from '../process/start-process.ts';
import { waitUntil } from '../servers/wait-until.ts';
import { freeNetwork, ip, tool } from './ip.ts';

/** A machine of its own as far as the network goes: programs that run there are reached at its addresses alone. */
export interface Host {
  /** Where this machine reaches it. */
  readonly address: string;
  /** Where the other hosts reach it, on a network that nobody else is on. */
  readonly privateAddress: string;
  /** How to run a program there. */
  within(launch: Launch): Launch;
  /** Drops what it sends and gets, without a word to anybody: what hosts say to each other, or everything. */
  silence(what: 'between hosts' | 'everything'): void;
  mend(): void;
}

interface HostsOptions {
  readonly count: number;
  readonly guardian: Guardian;
  /** Where hosts.log goes. */
  readonly logDir: string;
  /** The whole environment of the programs that hold the hosts. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Hosts extends AsyncDisposable {
  readonly hosts: readonly Host[];
}

const STARTS_WITHIN_MS = 5_000;
const STOP_GRACE_MS = 2_000;
/** After the servers that run there. */
const HOST_STAGE = 2;
/** Of the addresses: behind the hosts' own, which count from one. */
const THIS_MACHINE = 254;
let made = 0;

/**
 * Hosts are Linux network namespaces on two bridges, one for everybody and one among themselves. None has a name: each
 * lives for as long as a process in it, and those the guardian ends. So whatever happens, nothing is left to be removed.
 * Ask whyNoHosts first.
 */
export async function startHosts(options: HostsOptions): Promise<Hosts> {
  await using stack = new AsyncDisposableStack();
  const hold = async () => {
    const { pid, stop } = await newNamespace(options);
    stack.defer(stop);
    return pid;
  };
  const bridges = await hold();
  const pids: number[] = [];
  while (pids.length < options.count) pids.push(await hold());
  const [outer, inner] = [freeNetwork(), freeNetwork()];
  const here = `b2b-${process.pid}-${++made}`;
  ip(bridges, [
    'link add outer type bridge',
    'link add inner type bridge',
    'link set outer up',
    'link set inner up',
    `link add here type veth peer name ${here} netns ${process.pid}`,
    'link set here master outer up',
    ...pids.flatMap((pid, index) =>
      ['outer', 'inner'].flatMap((bridge) => [
        `link add ${bridge}-${index} type veth peer name ${bridge} netns ${pid}`,
        `link set ${bridge}-${index} master ${bridge} up`,
      ]),
    ),
  ]);
  for (const [index, pid] of pids.entries()) {
    ip(pid, [
      'link set lo up',
      ...[`outer ${outer}`, `inner ${inner}`].flatMap((one) => {
        const [device, network] = one.split(' ');
        return [`addr add ${network}.${index + 1}/24 dev ${device}`, `link set ${device} up`];
      }),
    ]);
  }
  ip(process.pid, [`addr add ${outer}.${THIS_MACHINE}/24 dev ${here}`, `link set ${here} up`]);
  const disposal = stack.move();
  return {
    hosts: pids.map((pid, index) => ({
      address: `${outer}.${index + 1}`,
      privateAddress: `${inner}.${index + 1}`,
      within: (launch) => ({
        ...launch,
        command: tool('nsenter'),
        args: [`--net=/proc/${pid}/ns/net`, launch.command, ...launch.args],
      }),
      // Off the bridge, not down: a link that goes down is noticed at its other end.
      silence(what) {
        ip(bridges, [`link set inner-${index} nomaster`]);
        if (what === 'everything') ip(bridges, [`link set outer-${index} nomaster`]);
      },
      mend: () =>
        ip(bridges, [`link set inner-${index} master inner`, `link set outer-${index} master outer`]),
    })),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** A process that does nothing in a network namespace of its own. */
async function newNamespace({ guardian, logDir, environment }: HostsOptions) {
  const running = await startProcess(
    { command: tool('unshare'), args: ['--net', 'sleep', 'infinity'], environment, cwd: '/' },
    { logFile: path.join(logDir, 'hosts.log'), guardian, signal: 'SIGTERM', stage: HOST_STAGE },
  );
  const stop = () => stopRunning(running, { signal: 'SIGTERM', graceMs: STOP_GRACE_MS });
  const { pid } = running;
  const ours = readlinkSync('/proc/self/ns/net');
  const isThere = await waitUntil(
    () => running.hasExited() || readlinkSync(`/proc/${pid}/ns/net`) !== ours || undefined,
    { timeoutMs: STARTS_WITHIN_MS },
  );
  if (isThere && !running.hasExited()) return { pid, stop };
  await stop();
  throw new Error(`no network namespace: ${running.tail()}`);
}
