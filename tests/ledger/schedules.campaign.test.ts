import { expect, test } from 'vitest';
import { simulate } from '../../services/ledger/simulator/simulate.ts';
import { LONG } from '../campaign.ts';

/** The unit test runs the first few of these. */
const SEEDS = LONG ? 100_000 : 2_000;

test(
  `the protocol keeps every invariant through ${SEEDS} schedules of faults`,
  async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { faults } = await simulate({ seed });
      const shown = faults.map((fault) => `${fault} (npm run simulate -- --seed ${seed} --steps 1 --trace)`);
      expect(shown).toEqual([]);
    }
  },
  60_000 + SEEDS * 100,
);
