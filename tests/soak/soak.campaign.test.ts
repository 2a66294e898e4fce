import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { reportOf, writeSoak } from './report.ts';
import { runSoak } from './run.ts';
import { SoakState } from './state.ts';

test('a short soak: sold at half of the highest rate through faults, every process looked at, nothing lost, a report with curves', async () => {
  const state = new SoakState();
  const options = { minutes: 0.13, seed: 3 };
  await runSoak(
    {
      ...options,
      rate: null,
      calibrateSeconds: 2,
      shops: 8,
      faultEvery: 2,
      longestFaultMs: 1_000,
      faults: ['restart-ledger', 'kill-redis', 'restart-gateway'],
      sampleEveryMs: 500,
      heapsEveryMs: 2_000,
      progress: () => {},
      stop: new AbortController().signal,
    },
    state,
  );
  expect(state.findings.kept).toEqual([]);
  expect(state.saturation).toBeGreaterThan(50);
  expect(state.proof!.doubts.open).toBe(0);
  expect(state.proof!.checked.transactions).toBeGreaterThan(state.seller!.record.posted);
  const report = reportOf(options, state);
  expect(report.verdict).toBe('PASSED: 0 discrepancies, and too short to see a leak');
  const parts = new Set(report.series.map(({ kind, part }) => `${kind} ${part}`));
  const services = ['ledger 1', 'ledger 2', 'gateway', 'backoffice', 'credits', 'reconciler', 'webhooks'];
  for (const part of ['postgres', 'nats', 'redis', ...services])
    for (const kind of ['memory', 'files', 'sockets']) expect(parts).toContain(`${kind} ${part}`);
  for (const part of services) expect(parts).toContain(`heap ${part}`);
  expect(parts).toContain('connections b2b_ledger');
  expect(parts).toContain('nats-connections gateway');
  expect(parts).toContain('subscriptions ledger');
  expect(parts).toContain('consumers LEDGER_COMMANDS');
  expect(parts).toContain('redis-clients all services');
  expect(parts).toContain('stream LEDGER_EVENTS');
  expect(parts).toContain('latency p99');
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-soak-'));
  try {
    writeSoak(folder, report);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['soak.md', 'soak.json', 'memory.svg']));
    expect(readFileSync(path.join(folder, 'soak.md'), 'utf8')).toBe(report.text);
    expect(readFileSync(path.join(folder, 'memory.svg'), 'utf8')).toMatch(/<polyline .*ledger 1/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
