import { createHash } from 'node:crypto';
import { LANES } from './callers.ts';
import { errandsOf, vendorsOn } from './errands.ts';
import { Faults } from './faults.ts';
import { LEASE_MS } from './sim-store.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface Plan extends StageOptions {
  /** Commands that callers want executed. */
  readonly errands?: number;
  /** Nothing fails but this: the first ledger process is killed after so many events. */
  readonly onlyKillAfter?: number;
}

export interface Verdict {
  readonly seed: number;
  /** What is wrong; nothing, if all is well. */
  readonly faults: readonly string[];
  readonly trace: readonly string[];
  /** Events of the schedule, and what it went through. */
  readonly steps: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The same for the same seed, whatever the machine. */
  readonly digest: string;
}

/** One schedule: callers, the log, ledger processes and a database, through everything that can go wrong. */
export async function simulate(plan: Plan): Promise<Verdict> {
  const stage = new Stage(plan);
  const { world, fleet, callers } = stage;
  const { random } = world;
  const processes = random.between(2, 3);
  const faults = new Faults({ ...stage, world, fleet, callers, processes });
  const errands = errandsOf(random, vendorsOn(LANES), plan.errands ?? 40);

  for (let started = 0; started < processes; started++) fleet.start();
  callers.start(errands);
  if (plan.onlyKillAfter === undefined) {
    faults.start();
    await stage.runFor(errands.at(-1)!.atMs + random.between(0, 1_500));
  } else {
    world.faulty = false;
    const killAt = plan.onlyKillAfter;
    await world.run(() => world.steps >= killAt);
    fleet.kill(fleet.members[0]!);
    await stage.runFor(errands.at(-1)!.atMs);
  }
  faults.heal();
  await stage.settle();
  const sharing = await sharingFaults(stage, processes);
  return {
    seed: plan.seed,
    faults: [...sharing, ...stage.faults()],
    trace: world.trace ?? [],
    steps: world.steps,
    counts: { ...faults.counts, ...tally(stage) },
    digest: digestOf(stage),
  };
}

/** The lanes are shared evenly among the living, and handed over at once when they are asked to stop. */
async function sharingFaults(stage: Stage, processes: number): Promise<string[]> {
  const { world, fleet, database } = stage;
  const thawedMs = Math.max(world.now, ...fleet.alive.map(({ machine }) => machine.frozenUntilMs));
  await stage.runFor(thawedMs - world.now + 3 * LEASE_MS);
  const living = fleet.alive.map(({ machine }) => machine.name);
  const shares = living.map((name) => database.lanes.filter(({ owner }) => owner === name).length);
  const owned = shares.reduce((sum, share) => sum + share, 0);
  const isEven = owned === LANES && Math.max(...shares) <= Math.ceil(LANES / processes);
  for (const member of fleet.alive) fleet.stop(member);
  await stage.runFor(LEASE_MS / 2);
  const kept = database.lanes.filter(({ owner }) => owner !== null);
  return [
    ...(isEven ? [] : [`sharing: ${living.join(', ')} own ${shares.join(', ')} of ${LANES} lanes`]),
    ...kept.map(({ lane, owner }) => `hand-over: lane ${lane} is still ${owner}’s`),
    ...fleet.alive.map(({ machine }) => `stopping: ${machine.name} does not end`),
  ];
}

function tally({ database, stream, callers }: Stage): Record<string, number> {
  return {
    transactions: database.books.byId.size,
    unexecuted: database.unexecuted.length,
    'messages lost': stream.lost.length,
    'messages trimmed': stream.trimmed.length,
    'stream epochs': database.lanes.reduce((sum, { streamEpoch }) => sum + streamEpoch - 1, 0),
    'changes of ownership': database.lanes.reduce((sum, { epoch }) => sum + epoch, 0),
    tellings: callers.told.length,
  };
}

function digestOf({ world, database }: Stage): string {
  const heads = [...database.books.vendors.values()].map(
    ({ vendorId, headHash }) => `${vendorId} ${headHash}`,
  );
  return createHash('sha256')
    .update([world.steps, world.now, ...heads].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
