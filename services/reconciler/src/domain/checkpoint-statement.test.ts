import { expect, test } from 'vitest';
import {
  type CheckpointFacts,
  type CheckpointSums,
  checkpointStatement,
  headLeaf,
  parseCheckpointStatement,
  parseSums,
  sumsCommitment,
  sumsText,
} from './checkpoint-statement.ts';

const facts: CheckpointFacts = {
  number: 12,
  takenAt: '2026-11-23T10:00:00.000Z',
  sums: 'ef'.repeat(32),
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
  [checkpointStatement(facts).replace('number: 12', 'number: twelve'), 'a word for a number'],
  [checkpointStatement(facts).replace('root', 'toor'), 'another field'],
  [`${checkpointStatement(facts)}\nmore: 1`, 'a line too many'],
])('%# is no statement', (text) => {
  expect(parseCheckpointStatement(text)).toBeNull();
});

test('a statement names each of its facts', () => {
  const [title, ...lines] = checkpointStatement(facts).split('\n');
  expect(title).toMatch(/checkpoint/);
  expect(lines.map((line) => line.split(': ')[0])).toEqual([
    ...['number', 'taken_at', 'sums', 'currency', 'root', 'changes', 'previous'],
  ]);
});

test.each(
  ['number', 'sums', 'currency'].flatMap((name) => [
    [name, 'x1'],
    [name, '1x'],
    [name, ''],
  ]),
)('a statement whose %s is "%s" is none', (name, value) => {
  const text = checkpointStatement(facts).replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`);
  expect(parseCheckpointStatement(text)).toBeNull();
});

const sums: CheckpointSums = { vendors: 3, transactions: 123_456_789_012n, balance: -5n, eventsSeq: 77 };

test('sums read back as what they are, and nothing else does', () => {
  expect(parseSums(sumsText(sums))).toEqual(sums);
  for (const text of ['', '1 2 3', '1 2 3 4 5', '-1 2 3 4', '1 2 3 x']) expect(parseSums(text)).toBeNull();
});

test('a commitment is to the sums and to the salt', () => {
  const salt = Buffer.alloc(32, 1);
  const commitments = [
    sumsCommitment(salt, sumsText(sums)),
    sumsCommitment(Buffer.alloc(32, 2), sumsText(sums)),
    sumsCommitment(salt, sumsText({ ...sums, balance: 5n })),
  ];
  expect(new Set(commitments).size).toBe(3);
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
    status: 'active',
    daily_limit: '7',
    salt: 'c0',
  };
  const changed = Object.keys(head).map((name) => ({ ...head, [name]: name === 'vendor_id' ? 8 : '9' }));
  const moved = { ...head, vendor_id: 71, seq: '2' };
  const leaves = [head, ...changed, moved].map(headLeaf);
  expect(new Set(leaves).size).toBe(leaves.length);
});
