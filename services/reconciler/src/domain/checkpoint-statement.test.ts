import { expect, test } from 'vitest';
import {
  type CheckpointFacts,
  checkpointStatement,
  headLeaf,
  parseCheckpointStatement,
} from './checkpoint-statement.ts';

const facts: CheckpointFacts = {
  number: 12,
  takenAt: '2026-11-23T10:00:00.000Z',
  vendors: 3,
  transactions: 123_456_789_012n,
  balance: 9_007_199_254_740_993n,
  currency: 'IRT',
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

test('a statement names each of its facts', () => {
  const [title, ...lines] = checkpointStatement(facts).split('\n');
  expect(title).toMatch(/checkpoint/);
  expect(lines.map((line) => line.split(': ')[0])).toEqual([
    ...[
      'number',
      'taken_at',
      'vendors',
      'transactions',
      'balance',
      'currency',
      'root',
      'changes',
      'previous',
    ],
  ]);
});

test.each(
  ['number', 'vendors', 'transactions', 'balance', 'currency'].flatMap((name) => [
    [name, 'x1'],
    [name, '1x'],
    [name, ''],
  ]),
)('a statement whose %s is "%s" is none', (name, value) => {
  const text = checkpointStatement(facts).replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`);
  expect(parseCheckpointStatement(text)).toBeNull();
});

test('a statement of books that are below zero reads back, too', () => {
  const below = { ...facts, balance: -5n };
  expect(parseCheckpointStatement(checkpointStatement(below))).toEqual(below);
});

test('a leaf changes with each part of a head, and with where one ends and the next begins', () => {
  const head = {
    vendor_id: 7,
    seq: '12',
    balance: '3',
    held: '2',
    hash: 'ab',
    charged_day: '2026-11-23',
    charged: '4',
    added_all: '5',
    taken_all: '6',
  };
  const changed = Object.keys(head).map((name) => ({ ...head, [name]: name === 'vendor_id' ? 8 : '9' }));
  const moved = { ...head, vendor_id: 71, seq: '2' };
  const leaves = [head, ...changed, moved].map(headLeaf);
  expect(new Set(leaves).size).toBe(leaves.length);
});
