import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatSoak, leaksOf, writeSoak } from './report.ts';
import { runSoak } from './run.ts';

test('a short soak: sold at a rate through faults, every process looked at, nothing lost, a report with curves', async () => {
  const report = await runSoak({
    minutes: 0.13,
    rate: 60,
    faultEvery: 2,
    sampleEveryMs: 500,
    seed: 3,
    longestFaultMs: 1_000,
    faults: ['restart-ledger', 'kill-redis', 'restart-gateway'],
    progress: () => {},
  });
  expect(report.chaos.findings).toEqual([]);
  expect(leaksOf(report)).toEqual([]);
  expect(report.chaos.checked!.transactions).toBeGreaterThan(100);
  const parts = new Set(report.series.map(({ kind, part }) => `${kind} ${part}`));
  for (const part of [
    'postgres',
    'nats',
    'redis',
    'ledger 1',
    'ledger 2',
    'gateway 1',
    'credits 1',
    'reconciler 1',
  ])
    for (const kind of ['memory', 'files', 'sockets']) expect(parts).toContain(`${kind} ${part}`);
  expect(parts).toContain('connections b2b_ledger');
  expect(parts).toContain('consumers LEDGER_COMMANDS');
  expect(parts).toContain('stream LEDGER_EVENTS');
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-soak-'));
  try {
    writeSoak(folder, report);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['soak.md', 'soak.json', 'memory.svg']));
    expect(readFileSync(path.join(folder, 'soak.md'), 'utf8')).toBe(formatSoak(report));
    expect(readFileSync(path.join(folder, 'memory.svg'), 'utf8')).toMatch(/<polyline .*ledger 1/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
