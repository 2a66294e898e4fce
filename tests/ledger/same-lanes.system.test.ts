import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Database } from '../../services/ledger/simulator/database.ts';
import { NOON } from '../../services/ledger/simulator/given.ts';
import { SimStore } from '../../services/ledger/simulator/sim-store.ts';
import { World } from '../../services/ledger/simulator/world.ts';
import { LANES, type LaneMove, type Lanes, laneMoves, play } from './lane-script.ts';
import { createLedgerDatabase, LEASE_MS } from './ledger-database.ts';

/** An owner whose lease ran out commits a batch after another process has claimed its lanes: few random scripts do. */
const DEPOSED: readonly LaneMove[] = [
  { who: 0, what: 'claim', number: LANES },
  { who: 0, what: 'wait', number: 0 },
  { who: 1, what: 'claim', number: LANES },
  { who: 0, what: 'batch', number: 0 },
];
const RUNS = Number(process.env.PG_RUNS ?? 25);

/** The simulator's two processes; nothing fails. */
async function simulated(): Promise<Lanes> {
  const world = new World(1, false);
  world.faulty = false;
  const database = new Database(world, LANES);
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    let settled = false;
    const answer = run().finally(() => {
      settled = true;
    });
    answer.catch(() => {});
    await world.run(() => settled);
    return answer;
  };
  const machines = ['a', 'b'].map((name) => ({ name, alive: true, frozenUntilMs: 0 }));
  const stores = machines.map((machine) => new SimStore(world, database, machine));
  for (const store of stores) await call(() => store.connect());
  const waitOut = async () => {
    const untilMs = world.now + LEASE_MS + 100;
    world.after(LEASE_MS + 200, () => {});
    await world.run(() => world.now > untilMs);
  };
  return { stores, waitOut, call };
}

it('two processes are told the same of their lanes by PostgreSQL and by the simulator', {
  timeout: 120_000,
}, async () => {
  await using database = await createLedgerDatabase({ lanes: LANES });
  const stores = [await database.store('a'), await database.store('b')];
  let clock = NOON;
  const real: Lanes = {
    stores,
    call: (run) => run(),
    waitOut: async () => {
      clock += LEASE_MS + 100;
      await database.setClock(clock);
    },
  };
  const afresh = async () => {
    await database.admin.query('TRUNCATE ledger.processes, ledger.lanes');
    await database.admin.query('INSERT INTO ledger.lanes (lane) SELECT generate_series(0, $1 - 1)', [LANES]);
  };
  await fc.assert(
    fc.asyncProperty(laneMoves, async (script) => {
      await afresh();
      expect(await play(script, real)).toEqual(await play(script, await simulated()));
    }),
    { numRuns: RUNS, examples: [[[...DEPOSED]]] },
  );
});
