import { describe, expect, it } from 'vitest';
import { FOUND } from './found.ts';
import { simulate, type Verdict } from './simulate.ts';

/** SCHEDULES=100000 for a long run; `npm run simulate` for one that says where it is. */
const SCHEDULES = Number(process.env.SCHEDULES ?? 300);
/** Schedules in which a planted defect showed itself, beyond those. */
const FOUND_LATE = Object.values(FOUND).flatMap(({ seed }) => (seed > SCHEDULES ? [seed] : []));
const TIMEOUT_MS = 60_000 + SCHEDULES * 100;

/** The command that shows a failure, in its message. */
const told = ({ seed, faults }: Verdict) =>
  faults.map((fault) => `${fault} (npm run simulate -- --seed ${seed} --steps 1 --trace)`);

describe('the protocol', () => {
  it(`keeps every invariant through ${SCHEDULES} schedules of faults`, { timeout: TIMEOUT_MS }, async () => {
    const met = new Set<string>();
    const seeds = [...Array.from({ length: SCHEDULES }, (_, index) => index + 1), ...FOUND_LATE];
    for (const seed of seeds) {
      const verdict = await simulate({ seed });
      expect(told(verdict)).toEqual([]);
      for (const [name, count] of Object.entries(verdict.counts)) if (count > 0) met.add(name);
    }
    // A schedule proves nothing about what it never meets.
    expect([...met].sort()).toEqual([
      'changes of ownership',
      'database restart',
      'database went back',
      'database went back unseen',
      'erasure',
      'freeze',
      'kill',
      'log burnt',
      'log connection',
      'log crash',
      'log reader',
      'log trim',
      'messages lost',
      'messages trimmed',
      'stop',
      'stream epochs',
      'tellings',
      'transactions',
      'unexecuted',
    ]);
  });

  it('survives a crash at every single point of a schedule', { timeout: TIMEOUT_MS }, async () => {
    const whole = await simulate({ seed: 1, errands: 16, onlyKillAfter: 1 });
    let crashes = 0;
    for (let step = 1; step < whole.steps / 2; step++) {
      expect(told(await simulate({ seed: 1, errands: 16, onlyKillAfter: step }))).toEqual([]);
      crashes++;
    }
    expect(crashes).toBeGreaterThan(200);
  });
});

describe('a seed', () => {
  it('replays its schedule exactly', async () => {
    const [first, again, traced] = [
      await simulate({ seed: 7 }),
      await simulate({ seed: 7 }),
      await simulate({ seed: 7, tracing: true }),
    ];
    expect(again).toEqual(first);
    expect(traced.digest).toBe(first.digest);
    expect(traced.trace.length).toBeGreaterThan(100);
  });

  it('is a schedule of its own', async () => {
    const digests = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) digests.add((await simulate({ seed })).digest);
    expect(digests.size).toBe(50);
  });
});
