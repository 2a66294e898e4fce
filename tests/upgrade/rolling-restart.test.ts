import { expect, test } from 'vitest';
import { runRollingRestart } from './rolling-restart.ts';

test('every process is restarted under load: not one request fails, and the books agree', async () => {
  const { calls, charges, findings, awayMs } = await runRollingRestart({
    tills: 4,
    services: { ledger: 2, credits: 2, gateway: 2 },
    progress: () => {},
  });
  expect(calls.failures).toEqual([]);
  expect(findings).toEqual([]);
  expect(awayMs).toHaveLength(6);
  expect(calls.sold).toBeGreaterThan(50);
  expect(charges).toBe(calls.sold);
  expect(calls.counts['approve credit']).toBeGreaterThan(5);
}, 120_000);
