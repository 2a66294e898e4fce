import { expect, test } from 'vitest';
import {
  type CheckpointFacts,
  checkpointStatement,
  parseCheckpointStatement,
} from './checkpoint-statement.ts';

const facts: CheckpointFacts = {
  number: 12,
  takenAt: '2026-11-23T10:00:00.000Z',
  vendors: 3,
  transactions: 123_456_789_012n,
  balance: 9_007_199_254_740_993n,
  root: 'ab'.repeat(32),
  changes: 'cd'.repeat(32),
  previous: '00'.repeat(32),
};

test('a statement reads back as what it states', () => {
  expect(parseCheckpointStatement(checkpointStatement(facts))).toEqual(facts);
});

test.each([
  ['', 'nothing'],
  [checkpointStatement(facts).replace('v1', 'v2'), 'another version'],
  [checkpointStatement(facts).replace('vendors: 3', 'vendors: three'), 'a word for a number'],
  [checkpointStatement(facts).replace('root', 'toor'), 'another field'],
  [`${checkpointStatement(facts)}\nmore: 1`, 'a line too many'],
])('%# is no statement', (text) => {
  expect(parseCheckpointStatement(text)).toBeNull();
});
