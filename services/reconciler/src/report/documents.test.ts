import type { AuditRun, Finding } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import { barChart } from './chart.ts';
import { htmlReport } from './html.ts';
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

test('the page holds charts, loads nothing, and shows text as text', () => {
  const page = htmlReport({
    run,
    findings: [found],
    checkpoint: null,
    history: [{ ...run, run_id: 2, status: 'verified', critical: 0 }],
    timeZone: 'Asia/Tehran',
  });
  expect(page.match(/<svg/g)).toHaveLength(3);
  expect(page).not.toMatch(/<script|<img|<link|onload="|src=|https?:/);
  expect(page).toContain('&#60;b onload=&#34;x&#34;&#62;');
  expect(page).toContain('&#60;host&#62;');
  expect(page).toContain('13:30:00');
});

test('a chart stacks its series and scales to the highest', () => {
  const chart = barChart({
    title: 'T',
    unit: 'u',
    series: ['minor', 'critical'],
    bars: [
      { label: 'one', values: [1, 3] },
      { label: 'none', values: [0, 0] },
    ],
  });
  expect(chart).toContain('>5<'); // the next round number above 4
  const heights = [...chart.matchAll(/<rect class="(\w+)"[^>]*height="([\d.]+)"/g)].map((m) => [m[1], m[2]]);
  expect(heights).toEqual([
    ['minor', '26'],
    ['critical', '78'],
    ['minor', '0'],
    ['critical', '0'],
  ]);
});
