import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { released } from '../../scripts/released.ts';
import { LONG } from '../campaign.ts';
import { currentSources, type PreviousRelease, unpackRelease, whyNoHistory } from './previous-release.ts';
import { runUpgrade } from './upgrade.ts';

const SOLD_BETWEEN = LONG ? 1_000 : 40;
const { commit } = released();
const missing = commit === null ? null : whyNoHistory(commit);
const from = commit === null ? 'the current sources, because no release is recorded' : commit.slice(0, 7);

describe.skipIf(missing !== null)(`from ${from}${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let previous: PreviousRelease;
  beforeAll(() => {
    previous = commit === null ? currentSources() : unpackRelease(commit);
  });
  afterAll(() => previous[Symbol.dispose]());

  it(
    'old services on the new schema, beside the new ones, and back: no request fails, nothing is lost',
    async () => {
      const { calls, charges, findings } = await runUpgrade({
        previous,
        tills: 3,
        soldBetween: SOLD_BETWEEN,
        progress: () => {},
      });
      expect(calls.failures).toEqual([]);
      expect(calls.counts['approve credit']).toBeGreaterThan(20);
      expect(findings).toEqual([]);
      expect(charges).toBe(calls.sold);
    },
    120_000 + SOLD_BETWEEN * 200,
  );
});
