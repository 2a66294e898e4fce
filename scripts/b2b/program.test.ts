import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';
import { runHere } from './run-here.ts';

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '';

const program = createProgram({}, () => {});
const commands = leaves(program);

test.each(commands.map((command) => [nameOf(command), command] as const))(
  'b2b %s has a description for each of its options',
  (_name, command) => {
    expect(command.description()).toMatch(/\.$/);
    for (const option of command.options) expect(option.description, option.flags).not.toBe('');
  },
);

test('a command that changes something irreversibly has a dry run', () => {
  const irreversible = [
    'erase',
    'dead-letters resubmit',
    'lanes repartition',
    'backup prune',
    'restore files',
  ];
  const cautious = commands.filter((command) => command.options.some(({ long }) => long === '--yes'));
  expect(cautious.map(nameOf)).toEqual(expect.arrayContaining(irreversible));
});

test.each([
  [['--help'], 0, /dead-letters/],
  [['lanes', '--help'], 0, /repartition/],
  [[], 2, /Usage: b2b/],
  [['nonsense'], 2, /unknown command 'nonsense'/],
  [['lanes', 'status', '--colour'], 2, /unknown option '--colour'/],
  [['lanes', 'repartition', '--to', '5000'], 2, /A number from 1 to 1024 is needed/],
  [['lanes', 'republish', '--since', 'yesterday'], 2, /A time with its zone is needed/],
  [['lanes', 'republish', '--since', '2999-01-01T00:00:00Z'], 2, /This time is in the future/],
  [['lanes', 'republish', '--since', '2020-01-01T00:00:00Z'], 2, /more than six days ago/],
  [['reconcile', '--vendor-id=0'], 2, /This is not the id of a vendor/],
  [['reconcile', '--since=yesterday'], 2, /A day or a time is needed/],
  [['reconcile', '--report=daily.html'], 2, /ends in .txt or .json/],
  [['reconcile', 'stray'], 2, /too many arguments/],
  [['receipt', 'no-such-file', '--key', 'none'], 2, /could not check: ENOENT/],
  [['migrate'], 2, /DATABASE_URL: is missing/],
])('b2b %j ends with exit code %d and says why', async (args, status, says) => {
  const { code, text } = await runHere(args, { LOCAL_DIR: import.meta.dirname });
  expect(text).toMatch(says);
  expect(text).not.toMatch(/^ {4}at /m);
  expect(code).toBe(status);
});
