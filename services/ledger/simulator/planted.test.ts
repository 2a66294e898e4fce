import { describe, expect, it } from 'vitest';
import { PLANTS } from './plants.ts';
import { RECOVERY_PLANTS } from './recovery-plants.ts';
import { simulate } from './simulate.ts';

/** Schedules that a planted defect may hide in; most are found in the first few. */
const LIMIT = 3_000;

/** What the oracle says of a defect, by the invariant that it breaks. */
const BREAKS: Record<string, RegExp> = {
  'the fence is gone': /went back|dead epoch|serial|no silent loss/,
  'the cursor is moved outside of the transaction': /no silent loss|progress/,
  'a rolled back log is not noticed': /no silent loss/,
  'a rolled back log is noticed by its length alone': /no silent loss/,
  'a rolled back lane is read again under its old stream epoch': /serial|went back/,
  'the old reader goes on when the log is back': /no silent loss/,
  'replies go out before the commit': /not in the books|had to refuse/,
  'a commit without an answer is taken for a success': /not in the books|no silent loss/,
  'a batch that the database refuses is skipped': /no silent loss|not in the books/,
  'message ids are forgotten': /exactly_once/,
  'dead letters are forgotten when the log is read again': /dead-letter, and was executed/,
  'deadlines are held against the time at which the process connected':
    /never executed, and was executed|decided wrongly/,
  'vendors are remembered though their lane has changed hands': /chain_links/,
  'a lane is taken before its lease has run out, without a new epoch, and the fence looks at that alone':
    /went back|had to refuse|sharing/,
  'a deposed owner goes on': /not in the books|dead-letter, and was executed|taken, and nobody has it/,
  'idle lanes are moved over what was not read': /no silent loss|went back/,
  'events are taken for published when they are read': /never published/,
  'the fence looks at the epoch and the owner alone':
    /no silent loss|had to refuse|not in the books|announced/,
  'a database that went back is not noticed': /announced|not in the books/,
  'of what was announced only the newest page is read': /announced/,
  'what the database lost is written down on no lane': /announced|not in the books/,
  'what the database lost counts as never executed': /never executed, and was executed/,
};

describe('the simulator finds it when', () => {
  it.each(Object.entries({ ...PLANTS, ...RECOVERY_PLANTS }))(
    '%s',
    { timeout: 60_000 },
    async (name, plant) => {
      for (let seed = 1; seed <= LIMIT; seed++) {
        const { faults } = await simulate({ seed, plant });
        if (faults.length === 0) continue;
        expect(faults.join('\n')).toMatch(BREAKS[name]!);
        return;
      }
      expect.unreachable(`${LIMIT} schedules did not find it`);
    },
  );
});
