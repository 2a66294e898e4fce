import { expect, test } from 'vitest';
import { LONG } from '../campaign.ts';
import { runPublishers } from './run.ts';

const SECONDS = LONG ? 120 : 3;

test(
  'three systems and the gateway on the same vendors, one misbehaving and one cut off: nothing lost, nothing doubled',
  async () => {
    const natsBinary = process.env.NATS_SERVER_BIN || undefined;
    const report = await runPublishers({ seconds: SECONDS, cutEveryMs: 600, natsBinary });
    expect(report.findings).toEqual([]);
    expect(report.cuts).toBeGreaterThan(1);
    expect(report.deadLetters).toBeGreaterThan(20);
    expect(report.refused).toBeGreaterThan(20);
    for (const [name, sold] of Object.entries(report.sold)) expect(sold, name).toBeGreaterThan(20);
  },
  120_000 + SECONDS * 2_000,
);
