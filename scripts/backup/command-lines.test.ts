import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runHere } from '../b2b/run-here.ts';

/** What an operator may get wrong at the worst of times. Restores that succeed: tests/drills/restore-database.ts. */

const folder = mkdtempSync(path.join(tmpdir(), 'restore-'));
const [backups, data] = [path.join(folder, 'backups'), path.join(folder, 'data')];
const base = path.join(backups, 'base/20261101T000000Z');
mkdirSync(base, { recursive: true });
mkdirSync(data);
writeFileSync(
  path.join(base, 'backup_label'),
  'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n',
);
writeFileSync(path.join(base, 'backup_manifest'), '{}');
utimesSync(
  path.join(base, 'backup_manifest'),
  new Date('2020-11-01T00:00:00Z'),
  new Date('2020-11-01T00:00:00Z'),
);
afterAll(() => rmSync(folder, { recursive: true }));

const restore = (...args: string[]) => runHere(['restore', ...args]);
const files = (...args: string[]) => restore('files', '--from', backups, '--into', data, ...args);

test.each([
  [['--at', 'yesterday'], 'A time with its zone is needed'],
  [['--at', '2020-11-24 12:00'], 'A time with its zone is needed'],
  [['--at', '2999-01-01T00:00:00Z'], 'This time is in the future'],
  [['--at', '2020-10-01T00:00:00Z'], 'has no base backup that ended before 2020-10-01'],
  [['--at'], "'--yes' is invalid"],
  [['--dry'], "unknown option '--dry'"],
])('files %j is refused with a reason, and nothing is touched', async (args, reason) => {
  const { code, text } = await files(...args, '--yes');
  expect(text).toContain(reason);
  expect(text).not.toContain('    at ');
  expect(code).toBe(2);
  expect(readdirSync(data)).toEqual([]);
});

test('files says what it would do, and does it only with --yes', async () => {
  expect(await files('--at', '2021-01-01T00:00:00Z')).toMatchObject({
    code: 0,
    text: expect.stringContaining('would restore base backup 20261101T000000Z'),
  });
  expect(readdirSync(data)).toEqual([]);
});

test('files does not restore over anything', async () => {
  writeFileSync(path.join(data, 'PG_VERSION'), '15');
  const { code, text } = await files('--yes');
  expect({ code, text }).toMatchObject({ code: 2, text: expect.stringContaining('is not empty') });
  expect(readdirSync(data)).toEqual(['PG_VERSION']);
});

test.each([['finish'], ['settle'], ['nonsense']])('%s without what it needs says so', async (command) => {
  const { code, text } = await restore(command);
  expect(text).toMatch(/DATABASE_URL: is missing|unknown command/);
  expect(code).toBe(2);
});

test.each([
  ['list', 0, '20261101T000000Z  restorable from 2020-11-01T00:00:00.000Z'],
  ['prune', 0, 'would remove 0 base backups'],
  ['base', 2, 'PostgreSQL does not answer'],
  ['nonsense', 2, 'unknown command'],
])('backup %s ends with %d', async (command, code, says) => {
  const env = { DATABASE_URL: 'postgresql://127.0.0.1:1/none' };
  const run = await runHere(['backup', command, '--to', backups], env);
  expect(run).toMatchObject({ code, text: expect.stringContaining(says) });
});
