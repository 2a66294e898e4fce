import { expect, test } from 'vitest';
import { LONG } from '../campaign.ts';
import { DRILLS } from './index.ts';

/** As `npm run drills`. */
test.each(
  DRILLS.filter(({ commandLineOnly }) => !commandLineOnly).map((drill) => [drill.name, drill] as const),
)(
  '%s: nothing lost, nothing doubled, the books agree',
  async (_, drill) => {
    const lines: string[] = [];
    const { findings, lost, doubled } = await drill.run({
      sellMs: LONG ? 5_000 : 800,
      short: !LONG,
      natsBinary: process.env.NATS_SERVER_BIN,
      progress: (line) => lines.push(line),
    });
    console.log(lines.join('\n'));
    expect(findings).toEqual([]);
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
  },
  LONG ? 900_000 : 120_000,
);
