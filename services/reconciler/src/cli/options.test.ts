import { expect, test } from 'vitest';
import { parseOptions, UsageError } from './options.ts';
import { describeProgress } from './progress.ts';

test('the options of the seed and ours', () => {
  expect(parseOptions([])).toMatchObject({ vendorId: null, report: null, fix: false, full: false });
  expect(parseOptions(['--vendor-id=123', '--report', '--fix', '--verbose'])).toMatchObject({
    vendorId: 123,
    report: '',
    fix: true,
    verbose: true,
  });
  expect(parseOptions(['--report=daily.html', '--json', '--full', '--yes', '--dry-run'])).toMatchObject({
    report: 'daily.html',
    json: true,
    full: true,
    yes: true,
    dryRun: true,
  });
  expect(parseOptions(['--since=2026-11-23']).since).toEqual(new Date('2026-11-23T00:00:00Z'));
});

test.each([
  ['--vendor-id=abc'],
  ['--vendor-id=0'],
  ['--vendor-id=99999999999'],
  ['--since=yesterday'],
  ['--unknown'],
  ['stray'],
])('%s is refused', (argument) => {
  expect(() => parseOptions([argument])).toThrow(UsageError);
});

test('checkpoints are only begun anew by a full audit', () => {
  expect(parseOptions(['--restart-checkpoints']).restartCheckpoints).toBe(false);
  expect(parseOptions(['--restart-checkpoints', '--full']).restartCheckpoints).toBe(true);
});

test('progress tells rate and remaining time', () => {
  expect(describeProgress(412_000, 1_000_000, 2_000)).toBe(
    '412,000 of 1,000,000 transactions, 206,000/s, 3 s left',
  );
  expect(describeProgress(0, 10, 0)).toBe('0 of 10 transactions, 0/s, starting');
});
