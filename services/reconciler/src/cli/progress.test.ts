import { expect, test } from 'vitest';
import { describeProgress } from './progress.ts';

test('progress tells rate and remaining time', () => {
  expect(describeProgress(412_000, 1_000_000, 2_000)).toBe(
    '412,000 of 1,000,000 transactions, 206,000/s, 3 s left',
  );
  expect(describeProgress(0, 10, 0)).toBe('0 of 10 transactions, 0/s, starting');
});
