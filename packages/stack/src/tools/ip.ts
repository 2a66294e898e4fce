import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { executables } from '../servers/binaries.ts';

/** And the packages that they come in. */
const TOOLS = { ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' } as const;
const WHERE = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const PROBE = 'link add name probe-0 type bridge\nlink add name probe-1 type veth peer name probe-2\n';
const WITHIN_MS = 10_000;
const MAX_TRIES = 100;

export function tool(name: keyof typeof TOOLS): string {
  const [program] = executables(name, WHERE);
  if (!program) throw new Error(`there is no ${name} on this machine (${TOOLS[name]})`);
  return program;
}

const run = (program: string, args: readonly string[], input = ''): string =>
  execFileSync(program, args, { encoding: 'utf8', input, timeout: WITHIN_MS, stdio: 'pipe' });

/** Commands of `ip`, one after the other, in the network namespace of a process. Throws with what `ip` says. */
export function ip(pid: number, commands: readonly string[]): void {
  run(tool('nsenter'), [`--net=/proc/${pid}/ns/net`, tool('ip'), '-batch', '-'], `${commands.join('\n')}\n`);
}

/** The first three numbers of addresses 10.x.y.0/24, none of which leads anywhere from this machine. */
export function freeNetwork(): string {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const network = `10.${randomInt(256)}.${randomInt(256)}`;
    const routes = ['match', 'root'].flatMap((how) =>
      run(tool('ip'), ['-4', 'route', 'show', how, `${network}.0/24`]).split('\n'),
    );
    if (routes.every((route) => route === '' || route.startsWith('default'))) return network;
  }
  throw new Error('every network 10.x.y.0/24 leads somewhere');
}

/** Why this machine cannot give us network namespaces; undefined if it can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has network namespaces';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  try {
    for (const name of Object.keys(TOOLS)) tool(name as keyof typeof TOOLS);
    // In a namespace that is gone again when the command has ended.
    run(tool('unshare'), ['--net', tool('ip'), '-batch', '-'], PROBE);
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return stderr?.trim() || message;
  }
}
