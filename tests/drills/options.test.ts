import { expect, test } from 'vitest';
import { UsageError } from '../../scripts/options.ts';
import { DRILLS } from './index.ts';
import { parseOptions } from './options.ts';
import { formatTable } from './report.ts';

test.each([
  [['--seconds', 'soon'], '--seconds soon: not a number from 0.5 to 600'],
  [['--seconds', '0'], '--seconds 0: not a number'],
  [['--seconds', '601'], '--seconds 601: not a number'],
  [['--only', 'nothing'], 'there is no drill "nothing"'],
  [['--only', ''], 'there is no drill ""'],
  [['--network', 'air'], '--network air: it is one of namespaces, proxies'],
  [['--hard'], "Unknown option '--hard'"],
])('%s is refused with a reason', (args, reason) => {
  expect(() => parseOptions(args, {})).toThrow(UsageError);
  expect(() => parseOptions(args, {})).toThrow(reason);
});

test('without options every drill is run, with --only those that are named', () => {
  expect(parseOptions([], {})).toMatchObject({ drills: DRILLS, sellMs: 8_000, natsBinary: undefined });
  const [first, second] = [DRILLS[0]!, DRILLS[1]!];
  const { drills, sellMs } = parseOptions(
    ['--only', `${first.name}, ${second.name}`, '--seconds', '0.5'],
    {},
  );
  expect(drills).toEqual([first, second]);
  expect(sellMs).toBe(500);
});

test('the table has a line for each drill', () => {
  const result = { lost: 0, doubled: 0, longestPauseMs: 2_340, audit: 'clean', findings: [] };
  expect(formatTable([{ name: 'a-long-name', seconds: 61.23, result }]).split('\n')).toEqual([
    'drill         lost   doubled   longest pause   audit   duration',
    'a-long-name   0      0         2.3 s           clean   61.2 s',
  ]);
});
