import { spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { waitUntil } from '../servers/wait-until.ts';
import { freeNetwork, whyNoHosts } from './ip.ts';

const WITHIN_MS = 20_000;
const reason = whyNoHosts();

/** A process that makes hosts under a guardian's eyes, and waits. */
function startOwner() {
  const here = (file: string) => JSON.stringify(path.join(import.meta.dirname, file));
  const script = `
    import { mkdtempSync } from 'node:fs';
    import { startGuardian } from ${here('../guardian/guardian.ts')};
    import { startHosts } from ${here('hosts.ts')};
    const guardian = startGuardian();
    const logDir = mkdtempSync('/tmp/b2b-charge-hosts-');
    guardian.removeAtEnd(logDir);
    const { hosts } = await startHosts({ count: 2, guardian, logDir, environment: { PATH: process.env.PATH } });
    hosts[0].silence('everything');
    console.log(hosts[0].address);
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const linksOf = (pid: number | undefined) =>
  Object.keys(networkInterfaces()).filter((name) => name.startsWith(`b2b-${pid}-`));

test('hosts do not outlive an owner that was killed with SIGKILL', async ({ skip }) => {
  if (reason) skip(`no network namespaces: ${reason}`);
  const owner = startOwner();
  for await (const line of owner.stdout) {
    expect(String(line)).toMatch(/^10\.\d+\.\d+\.1\n$/);
    break;
  }
  expect(linksOf(owner.pid)).toHaveLength(1);
  owner.kill('SIGKILL');
  const gone = () => (linksOf(owner.pid).length === 0 ? true : undefined);
  expect(await waitUntil(gone, { timeoutMs: WITHIN_MS })).toBe(true);
});

test('a network that is taken is one that no address of this machine is in', ({ skip }) => {
  if (reason) skip(`no network namespaces: ${reason}`);
  const network = freeNetwork();
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address));
  expect(addresses.filter((address) => address?.startsWith(`${network}.`))).toEqual([]);
});
