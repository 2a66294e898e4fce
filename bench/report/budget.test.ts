import { expect, test } from 'vitest';
import type { Figure } from '../harness/figure.ts';
import { overBudget } from './budget.ts';

const figure = (counted: Partial<Figure>): Figure => ({
  ...{ scenario: 'counts', group: 'counts', title: '', notes: [], discrepancies: [] },
  ...counted,
});

test('what was not counted is over the budget', () => {
  expect(overBudget([figure({ statementsPerBatch: 1 })])).toContain(
    'counts: roundTripsPerBatch: not counted',
  );
});

test('more than allowed is named with both numbers', () => {
  expect(overBudget([figure({ statementsPerBatch: 99 })])[0]).toMatch(
    /^counts: statementsPerBatch: 99\.0, allowed are [\d.]+$/,
  );
});

test('a scenario that did not run, or that failed, is not judged', () => {
  expect(overBudget([figure({ scenario: 'drain' }), figure({ group: 'failed' })])).toEqual([]);
});
