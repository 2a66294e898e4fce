import { expect, test } from 'vitest';
import { LONG } from '../campaign.ts';
import type { FaultName } from './faults/fault.ts';
import { formatReport } from './report.ts';
import { runChaos } from './run.ts';

/** In the short form each of these happens once or twice; `npm run chaos` knows more. */
const MINUTES = LONG ? 10 : 0.4;
const FAULTS: readonly FaultName[] = [
  'kill-ledger',
  'stop-ledger',
  'restart-ledger',
  'kill-postgres',
  'kill-nats',
  'restart-nats',
  'kill-redis',
  'kill-gateway',
  'stop-gateway',
];

test(
  'a time of chaos: nothing lost, nothing doubled, nothing negative, every doubt settled',
  async () => {
    const lines: string[] = [];
    const report = await runChaos({
      seed: Number(process.env.CHAOS_SEED ?? 1),
      minutes: MINUTES,
      faults: FAULTS,
      overlap: false,
      natsBinary: process.env.NATS_SERVER_BIN,
      gapMs: [200, 900],
      longestFaultMs: 6_000,
      progress: (line) => lines.push(line),
    });
    console.log(
      [...lines.filter((line) => /kill|freeze|restart/.test(line)), formatReport(report)].join('\n'),
    );
    expect(report.findings).toEqual([]);
    expect(report.discrepancies).toBe(0);
    expect(report.doubts.open).toBe(0);
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
    expect(report.checked!.transactions).toBeGreaterThan(500);
  },
  180_000 + MINUTES * 90_000,
);
