import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyOf, type PreviousRelease, unpackPreviousRelease } from './previous-release.ts';
import { runUpgrade } from './upgrade.ts';

const missing = historyOf();

describe.skipIf(missing !== null)(
  `from the release in scripts/released.json, its own code and schema out of the history${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let previous: PreviousRelease;
    beforeAll(() => {
      previous = unpackPreviousRelease();
    });
    afterAll(() => previous[Symbol.dispose]());

    it('old services on the new schema, beside the new ones, and back: no request fails, nothing is lost', async () => {
      const { calls, charges, findings } = await runUpgrade({
        previous,
        tills: 3,
        soldBetween: 40,
        progress: () => {},
      });
      // Also where a credits process of that release, when it is stopped, cuts off the calls that it is answering.
      expect(calls.failures).toEqual([]);
      expect(calls.counts['approve credit']).toBeGreaterThan(20);
      expect(findings).toEqual([]);
      expect(charges).toBe(calls.sold);
    }, 120_000);
  },
);
