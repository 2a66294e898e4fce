import { CHECKS } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { ADVICE } from './advice.ts';
import { finding, LISTED, levelOfDifference, orMore } from './finding.ts';

const found = { check: 'chain', message: 'a gap', expected: 5, found: 7n } as const;

describe('a finding', () => {
  it('is critical, about no vendor and not fixable unless said otherwise', () => {
    expect(finding(found)).toEqual({
      check: 'chain',
      level: 'CRITICAL',
      vendorId: null,
      seq: null,
      transactionId: null,
      expected: '5',
      found: '7',
      message: 'a gap',
      advice: ADVICE.chain,
      fixable: false,
    });
  });

  it('names the vendor, the number and the transaction that it is about', () => {
    const about = { vendorId: 7, seq: 3, transactionId: 'id' };
    expect(finding({ ...found, ...about })).toMatchObject(about);
  });

  it.each([
    ['MINOR_DISCREPANCY', true, true],
    ['MINOR_DISCREPANCY', false, false],
    ['MINOR_DISCREPANCY', undefined, false],
    ['CRITICAL', true, false],
  ] as const)('that is %s, fixable %s, is fixed by a rebuild: %s', (level, fixable, then) => {
    const said = fixable === undefined ? {} : { fixable };
    expect(finding({ ...found, level, ...said }).fixable).toBe(then);
  });
});

it.each([
  [0n, 'MINOR_DISCREPANCY'],
  [100n, 'MINOR_DISCREPANCY'],
  [-100n, 'MINOR_DISCREPANCY'],
  [101n, 'CRITICAL'],
  [-101n, 'CRITICAL'],
] as const)('a difference of %s from a copy that may differ by 100 is %s', (difference, level) => {
  expect(levelOfDifference(difference, 100n)).toBe(level);
});

it('there is advice for every check', () => {
  expect(Object.keys(ADVICE).toSorted()).toEqual([...CHECKS].toSorted());
  for (const check of CHECKS) expect(ADVICE[check], check).toMatch(/^[A-Z].{20,}\.$/);
});

describe('a list of findings', () => {
  const listOf = (length: number) => Array.from({ length }, () => finding(found));

  it('that is not full is complete', () => {
    for (const length of [0, 1, LISTED - 1]) expect(orMore(listOf(length))).toEqual(listOf(length));
  });

  it('that is full says that there are more', () => {
    const listed = orMore(listOf(LISTED));
    expect(listed).toHaveLength(LISTED + 1);
    expect(listed.at(-1)).toMatchObject({ check: 'chain', level: 'CRITICAL', found: '5000 or more' });
    expect(listed.at(-1)!.message).toContain('more than 5000');
  });
});
