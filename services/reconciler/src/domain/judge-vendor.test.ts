import { expect, test } from 'vitest';
import { GENESIS, type Head, NO_ROWS, type SpanSums, type StoredVendor } from './books.ts';
import { judgeVendor, type VendorEvidence } from './judge-vendor.ts';

const HASH = 'ab'.repeat(32);
const stored: StoredVendor = {
  vendorId: 7,
  name: 'TechCorp',
  balance: 70_000n,
  held: 0n,
  businessDay: '2026-11-23',
  chargedToday: 20_000n,
  status: 'active',
  dailyLimit: 50_000n,
  livemode: true,
  seq: 4,
  headHash: HASH,
};
const sums: SpanSums = {
  ...NO_ROWS,
  rows: 4,
  added: 110_000n,
  taken: 40_000n,
  chargedOnDay: 20_000n,
};
const last = { seq: 4, balanceAfter: 70_000n, heldAfter: 0n, hash: HASH, day: '2026-11-23', livemode: true };
const state = { status: 'active', dailyLimit: 50_000n, day: '2026-11-23', charged: 20_000n };
const sound: VendorEvidence = { stored, last, from: GENESIS, sums, state, minorLimit: 10_000n };

const head: Head = {
  seq: 3,
  balance: 90_000n,
  held: 0n,
  hash: 'cd'.repeat(32),
  chargedDay: '2026-11-23',
  charged: 5_000n,
  added: 100_000n,
  taken: 10_000n,
  status: 'active',
  dailyLimit: null,
};

const cases: [name: string, change: Partial<VendorEvidence>, expected: [string, string][]][] = [
  ...(
    [
      ['a stored status that no command set', { status: 'suspended' }],
      ['a stored limit that no command set', { dailyLimit: null }],
      ['a stored mode that no command set', { livemode: false }],
    ] as const
  ).map(([name, change]): (typeof cases)[number] => [
    name,
    { stored: { ...stored, ...change } },
    [['conservation', 'CRITICAL']],
  ]),
  ['books that hold', {}, []],
  [
    'a stored balance off by the limit is minor',
    { stored: { ...stored, balance: 80_000n } },
    [['stored-balance', 'MINOR_DISCREPANCY']],
  ],
  [
    'one unit more is critical',
    { stored: { ...stored, balance: 80_001n } },
    [['stored-balance', 'CRITICAL']],
  ],
  ['lower counts like higher', { stored: { ...stored, balance: 59_999n } }, [['stored-balance', 'CRITICAL']]],
  [
    'a daily counter off by little',
    { stored: { ...stored, chargedToday: 19_999n } },
    [['daily-counter', 'MINOR_DISCREPANCY']],
  ],
  [
    'a counter of another day than the last transaction',
    { stored: { ...stored, businessDay: '2026-11-22', chargedToday: 0n } },
    [['daily-counter', 'CRITICAL']],
  ],
  [
    'a counter of another day, whatever it counts',
    { stored: { ...stored, businessDay: '2026-11-22' } },
    [['daily-counter', 'CRITICAL']],
  ],
  [
    'a checkpoint whose sums contradict its balance',
    {
      from: { ...head, added: 100_001n },
      sums: { ...NO_ROWS, rows: 1, taken: 20_000n, chargedOnDay: 15_000n },
    },
    [['conservation', 'CRITICAL']],
  ],
  ['a number of its own', { stored: { ...stored, seq: 5 } }, [['chain', 'CRITICAL']]],
  ['a hash of its own', { stored: { ...stored, headHash: 'ee'.repeat(32) } }, [['chain', 'CRITICAL']]],
  [
    'no transaction at all',
    { last: null, sums: NO_ROWS, stored: { ...stored, balance: 0n, chargedToday: 0n } },
    [['chain', 'CRITICAL']],
  ],
  [
    'what is held differs from the sum of all effects',
    { sums: { ...sums, held: 1n } },
    [['conservation', 'CRITICAL']],
  ],
  ['fewer rows than numbers', { sums: { ...sums, rows: 3 } }, [['chain', 'CRITICAL']]],
  [
    'a last balance that the sums contradict',
    { last: { ...last, balanceAfter: 70_001n } },
    [['conservation', 'CRITICAL']],
  ],
  [
    'going on from a checkpoint of the same day',
    { from: head, sums: { ...NO_ROWS, rows: 1, taken: 20_000n, chargedOnDay: 15_000n } },
    [],
  ],
  [
    'going on from a checkpoint of the day before',
    {
      from: { ...head, chargedDay: '2026-11-22' },
      sums: { ...NO_ROWS, rows: 1, taken: 20_000n, chargedOnDay: 20_000n },
    },
    [],
  ],
];

test.each(cases)('%s', (_name, change, expected) => {
  const { findings } = judgeVendor({ ...sound, ...change });
  expect(findings.map(({ check, level }) => [check, level])).toEqual(expected);
});

test('only small differences of stored copies can be fixed', () => {
  const fixable = cases.flatMap(([, change]) =>
    judgeVendor({ ...sound, ...change }).findings.filter((found) => found.fixable),
  );
  expect(fixable.map(({ check, level }) => `${check} ${level}`).sort()).toEqual([
    'daily-counter MINOR_DISCREPANCY',
    'stored-balance MINOR_DISCREPANCY',
  ]);
});

test('the next head carries every sum on', () => {
  const spans = { ...NO_ROWS, rows: 1, taken: 20_000n, chargedOnDay: 15_000n };
  expect(judgeVendor({ ...sound, from: head, sums: spans }).head).toEqual({
    seq: 4,
    balance: 70_000n,
    held: 0n,
    hash: HASH,
    chargedDay: '2026-11-23',
    charged: 20_000n,
    added: 100_000n,
    taken: 30_000n,
    status: 'active',
    dailyLimit: 50_000n,
  });
});

test('the next head is of the day of the last row, not of the stored one, which is a copy', () => {
  const yesterday = { ...stored, businessDay: '2026-11-22' };
  expect(judgeVendor({ ...sound, stored: yesterday }).head).toMatchObject({
    chargedDay: '2026-11-23',
    charged: 20_000n,
  });
});

const onwards = { ...NO_ROWS, rows: 1, taken: 20_000n, chargedOnDay: 15_000n };
test.each<[string, Partial<VendorEvidence>, string, string]>([
  ['the balances', { stored: { ...stored, balance: 80_000n } }, '700.00', '800.00'],
  ['the counters', { stored: { ...stored, chargedToday: 19_999n } }, '200.00', '199.99'],
  ['the days', { stored: { ...stored, businessDay: '2026-11-22' } }, '2026-11-23', '2026-11-22'],
  ['the numbers', { stored: { ...stored, seq: 5 } }, '4', '5'],
  ['the hashes', { stored: { ...stored, headHash: 'ee'.repeat(32) } }, HASH, 'ee'.repeat(32)],
  ['the rows since a checkpoint', { from: head, sums: { ...onwards, rows: 2 } }, '1', '2'],
  ['the last balance', { last: { ...last, balanceAfter: 70_001n } }, '700.00', '700.01'],
  [
    'the lack of a transaction',
    { last: null, sums: NO_ROWS, stored: { ...stored, balance: 0n, chargedToday: 0n } },
    'a transaction',
    '4',
  ],
])('a finding says in words what differs, and names %s', (_, change, expected, found) => {
  const { findings } = judgeVendor({ ...sound, ...change });
  expect(findings).toMatchObject([{ expected, found, vendorId: 7 }]);
  expect(findings[0]!.message).not.toBe('');
});
