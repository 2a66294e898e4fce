import { describe, expect, it } from 'vitest';
import { FOUND } from './found.ts';
import { PLANTS } from './plants.ts';
import { RECOVERY_PLANTS } from './recovery-plants.ts';
import { REPEAT_PLANTS } from './repeat-plants.ts';
import { simulate } from './simulate.ts';

/** Schedules that a planted defect may hide in; most are found in the first few. */
const LIMIT = 3_000;
/** A long run searches from the start; otherwise the schedule that once found the defect comes first. */
const SEARCHES = process.env.SCHEDULES !== undefined;

describe('the simulator finds it when', () => {
  it.each(Object.entries({ ...PLANTS, ...RECOVERY_PLANTS, ...REPEAT_PLANTS }))(
    '%s',
    { timeout: 60_000 },
    async (name, plant) => {
      const { seed: known, breaks } = FOUND[name]!;
      for (let tried = SEARCHES ? 1 : 0; tried <= LIMIT; tried++) {
        const { faults } = await simulate({ seed: tried === 0 ? known : tried, plant });
        if (faults.length === 0) continue;
        expect(faults.join('\n')).toMatch(breaks);
        return;
      }
      expect.unreachable(`${LIMIT} schedules did not find it`);
    },
  );
});
