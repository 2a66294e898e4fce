import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { laneOf, RESERVED_NAMES } from '@b2b-charge/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut } from './carry-out.ts';
import { parseOptions, UsageError } from './options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-users-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => carryOut(parseOptions([...args, '--dir', folder]), {});
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const billing = () => run('--name', 'billing', '--vendors', '15,12,15');

describe('a user', () => {
  beforeEach(() => run('services'));

  test('may do what its vendors need, on their lanes, and has a key that only its owner reads', async () => {
    expect(await billing()).toContain('ledger.commands.10.billing.12');
    expect(statSync(path.join(folder, 'billing/NATS_NKEY_SEED')).mode & 0o777).toBe(0o600);
    expect(read('billing/NATS_NKEY_SEED')).toMatch(/^SU[A-Z2-7]{56}\n$/);
    const users = read('nats-users.conf');
    expect(users).toContain('"ledger.commands.10.billing.12", "ledger.query.outcome.12"');
    expect(users).toContain('"ledger.commands.11.billing.15"');
    for (const name of ['gateway', 'ledger', 'credits', 'reconciler', 'operator'])
      expect(users).toContain(`# ${name}`);
  });

  test('is added to a file that is closed to writing, as a deployment has it, and stays so', async () => {
    chmodSync(path.join(folder, 'nats-users.conf'), 0o444);
    await billing();
    expect(read('nats-users.conf')).toContain('# billing');
    expect(statSync(path.join(folder, 'nats-users.conf')).mode & 0o777).toBe(0o444);
  });

  test('made twice is the same user, byte for byte', async () => {
    await billing();
    const before = ['nats-users.conf', 'nats-systems.json', 'billing/NATS_NKEY_SEED'].map(read);
    expect(await billing()).toContain('nothing was to be changed');
    expect(['nats-users.conf', 'nats-systems.json', 'billing/NATS_NKEY_SEED'].map(read)).toEqual(before);
  });

  test('given other vendors keeps its key', async () => {
    await billing();
    const key = read('billing/NATS_NKEY_SEED');
    expect(await run('--name', 'billing', '--vendors', '7')).toContain(
      'vendor 7 instead of the vendors 12, 15',
    );
    expect(read('billing/NATS_NKEY_SEED')).toBe(key);
    expect(read('nats-users.conf')).not.toContain('billing.12');
    expect(await run('--name', 'billing', '--all-vendors')).toContain('all vendors instead of vendor 7');
    expect(read('nats-users.conf')).toContain('"ledger.commands.*.billing.*"');
  });

  test('whose key was handed over and deleted here stays the same user', async () => {
    await billing();
    const users = read('nats-users.conf');
    rmSync(path.join(folder, 'billing'), { recursive: true });
    expect(await billing()).toContain('not here any more');
    expect(read('nats-users.conf')).toBe(users);
  });

  test('taken away is gone with its key, and gets another one when it is made again', async () => {
    await billing();
    const key = read('billing/NATS_NKEY_SEED');
    expect(await run('revoke', 'billing')).toContain('billing: taken away');
    expect(read('nats-users.conf')).not.toContain('billing');
    expect(existsSync(path.join(folder, 'billing/NATS_NKEY_SEED'))).toBe(false);
    await billing();
    expect(read('billing/NATS_NKEY_SEED')).not.toBe(key);
    await expect(run('revoke', 'shop')).rejects.toThrow(/no internal system shop/);
  });

  test.each(['billing', 'gateway', 'operator'])(
    '%s comes in by two keys while it is rotated',
    async (name) => {
      await billing();
      const file = `${name === 'operator' ? 'migrate' : name}/NATS_NKEY_SEED`;
      const before = read(file);
      const usersOf = () => read('nats-users.conf').split(`# ${name}\n`).length - 1;
      expect(await run('rotate', name, '--dry-run')).toContain(`${name}: another key`);
      expect([read(file), usersOf()]).toEqual([before, 1]);
      expect(await run('rotate', name)).toContain(`retire ${name}`);
      expect(read(file)).toMatch(/^SU[A-Z2-7]{56}\n$/);
      expect(read(file)).not.toBe(before);
      expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
      expect(usersOf()).toBe(2);
      await run('sync');
      expect(usersOf()).toBe(2);
      await expect(run('rotate', name)).rejects.toThrow(/is being rotated/);
      expect(await run('retire', name)).toContain('taken away');
      expect(usersOf()).toBe(1);
      await expect(run('retire', name)).rejects.toThrow(/no former key/);
      await expect(run('rotate', 'nobody')).rejects.toThrow(/no user nobody/);
    },
  );

  test('only tried out leaves nothing behind', async () => {
    const before = read('nats-users.conf');
    expect(await run('--name', 'billing', '--vendors', '12', '--dry-run')).toContain(
      'billing: made, for vendor 12',
    );
    expect(read('nats-users.conf')).toBe(before);
    expect(existsSync(path.join(folder, 'billing'))).toBe(false);
  });

  test('moves to other lanes with all others when their number changes', async () => {
    await billing();
    expect(await run('sync', '--lanes', '32')).toContain('lanes: 16 becomes 32');
    expect(read('nats-users.conf')).toContain(`"ledger.commands.${laneOf(12, 32)}.billing.12"`);
    expect(await run('--name', 'shop', '--vendors', '12')).toContain(
      `ledger.commands.${laneOf(12, 32)}.shop.12`,
    );
    expect(await run('list')).toMatch(
      /billing +U\w{55} {2}the vendors 12, 15\nshop +U\w{55} {2}vendor 12\n2 in all; 32 lanes/,
    );
  });
});

test('without the keys of the services no file is written that would lock them out', async () => {
  await expect(billing()).rejects.toThrow(/services --dir/);
  expect(existsSync(path.join(folder, 'nats-users.conf'))).toBe(false);
  await run('services');
  expect(await billing()).toContain('billing: made');
});

describe('what cannot be done is refused with a reason', () => {
  test.each<[readonly string[], RegExp]>([
    ...RESERVED_NAMES.map((name): [string[], RegExp] => [['--name', name, '--vendors', '1'], /ours/]),
    [['--name', 'Billing', '--vendors', '1'], /cannot be a name/],
    [['--name', 'a.b', '--vendors', '1'], /cannot be a name/],
    [['--name', '*', '--vendors', '1'], /cannot be a name/],
    [['--name', 'a', '--vendors', ''], /not the id/],
    [['--name', 'a', '--vendors', '1,x'], /"x" is not the id/],
    [['--name', 'a', '--vendors', '0'], /not the id/],
    [['--name', 'a'], /one of --vendors/],
    [['--name', 'a', '--vendors', '1', '--all-vendors'], /one of --vendors/],
    [['--name', 'a', '--vendors', Array.from({ length: 501 }, (_, id) => id + 1).join()], /at most 500/],
    [['--name', 'a', '--vendors', '1', '--lanes', '1025'], /1 to 1024/],
    [['--name', 'a', '--vendors', '1', '--namespace', 'A.b'], /small letters/],
    [['--vendors', '1'], /--name NAME is needed/],
    [['remove'], /remove: no such thing/],
    [['revoke'], /cannot be a name/],
    [['list', 'x'], /one thing at a time/],
    [['--nmae', 'a'], /nmae/],
  ])('order %#', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
    expect(() => parseOptions(args)).toThrow(UsageError);
  });
});
