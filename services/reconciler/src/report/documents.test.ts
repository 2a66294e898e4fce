import type { AuditRun, Finding } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import { summaryBlock, textReport, vendorBlock } from './text.ts';

const run: AuditRun = {
  run_id: 3,
  mode: 'full',
  vendor_id: null,
  trigger: 'schedule:full',
  started_by: '<host>',
  status: 'critical',
  started_at: '2026-11-23T10:00:00.000Z',
  finished_at: '2026-11-23T10:00:04.000Z',
  duration_ms: 4_000,
  vendors_checked: 25,
  transactions_checked: 1_000_000,
  numbers_erased: 12,
  commands_checked: 900_000,
  verified: 22,
  minor: 1,
  minor_fixed: 1,
  critical: 1,
  findings: 1,
  stored_total: '1500000.00',
  calculated_total: '1499950.00',
  currency: 'IRT',
  notes: ['Redis is away'],
  progress: null,
  error: null,
};
const found: Finding = {
  number: 1,
  check: 'chain',
  level: 'CRITICAL',
  vendor_id: 7,
  seq: 4,
  transaction_id: '01a0c450-96f7-8000-800f-9c0000000002',
  expected: 'a',
  found: '<b onload="x">',
  message: "the content does not fit & it's changed",
  advice: 'restore it',
  fixed: false,
};

test('a vendor whose balance is stored too low shows the difference without a sign', () => {
  const line = { vendorId: 7, name: 'X', seq: 1, rows: 1, erased: 0, sound: true } as const;
  const block = vendorBlock({ ...line, level: 'CRITICAL', stored: 100n, calculated: 250n }, false, 'IRT');
  expect(block).toBe(`✗ Vendor: X
  - Current Balance: 1.00 Toman
  - Calculated Balance: 2.50 Toman
  - Discrepancy: 1.50 Toman
  - Status: ✗ CRITICAL`);
});

test('the summary adds lines to the sample only when there is something to add', () => {
  expect(summaryBlock(run).split('\n')).toEqual([
    '📊 Summary:',
    '- Total Vendors Checked: 25',
    '- Verified Accounts: 22',
    '- Minor Discrepancies Fixed: 1',
    '- Minor Discrepancies Open: 1',
    '- Critical Issues: 1',
    '- Note: Redis is away',
  ]);
});

test('the text report names check, place, expectation and remedy', () => {
  const text = textReport(run, [found]);
  expect(text).toContain('✗ Finding 1: chain (CRITICAL)');
  expect(text).toContain('- Where: vendor 7, transaction 4, 01a0c450-96f7-8000-800f-9c0000000002');
  expect(text).toContain('- Transactions Checked: 1000000 (250000 per second)');
});
