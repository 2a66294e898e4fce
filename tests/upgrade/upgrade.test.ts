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

    it.each([
      ['the new schema under the old services, then old and new services side by side', false],
      ['the new services on the old schema beside the old ones, then the new schema', true],
    ])(
      '%s, under load: nothing fails, nothing is lost',
      async (_, newServicesFirst) => {
        const { calls, charges, findings } = await runUpgrade({
          previous,
          newServicesFirst,
          tills: 3,
          soldBetween: 60,
          progress: () => {},
        });
        expect(calls.failures).toEqual([]);
        expect(findings).toEqual([]);
        expect(charges).toBe(calls.sold);
      },
      120_000,
    );
  },
);
