import { whyNoHosts } from '@b2b-charge/stack';
import { expect, test } from 'vitest';
import { LONG } from '../campaign.ts';
import { natsPartition } from './nats-partition.ts';

/** Takes root and iproute2. */
test(
  "the leader's host vanishes: nothing lost, nothing doubled, the books agree",
  async ({ skip }) => {
    const reason = whyNoHosts();
    if (reason) skip(`no network namespaces: ${reason}`);
    const lines: string[] = [];
    const { findings, lost, doubled } = await natsPartition.run({
      sellMs: 500,
      short: !LONG,
      network: 'namespaces',
      natsBinary: process.env.NATS_SERVER_BIN,
      progress: (line) => lines.push(line),
    });
    console.log(lines.join('\n'));
    expect(findings).toEqual([]);
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
  },
  LONG ? 900_000 : 300_000,
);
