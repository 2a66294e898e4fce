import { createHash } from 'node:crypto';
import { Callers, LANES } from './callers.ts';
import { Database } from './database.ts';
import { errandsOf, vendorsOn } from './errands.ts';
import { Faults } from './faults.ts';
import { Fleet, type Ports } from './fleet.ts';
import { judge } from './oracle.ts';
import { LEASE_MS } from './sim-store.ts';
import { Stream } from './stream.ts';
import { World } from './world.ts';

/** A defect to put into a schedule, to see whether it is found. */
export interface Plant {
  tamper?(ports: Ports, world: World, database: Database, stream: Stream): Ports;
  /** False: a process that is connected to the log again goes on as if nothing had been. */
  readonly resync?: boolean;
}

export interface Plan {
  readonly seed: number;
  /** Commands that callers want executed. */
  readonly errands?: number;
  readonly tracing?: boolean;
  readonly plant?: Plant;
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

/** After the last fault everything must be done within this. */
const PATIENCE_MS = 60_000;

/** One schedule: callers, the log, ledger processes and a database, through everything that can go wrong. */
export async function simulate({
  seed,
  errands: count = 40,
  tracing = false,
  plant = {},
}: Plan): Promise<Verdict> {
  const world = new World(seed, tracing);
  const { random } = world;
  const database = new Database(world, LANES);
  const stream = new Stream(world);
  const events = new Set<string>();
  const callers = new Callers(world, stream, database);
  const fleet = new Fleet({
    ...{ world, database, stream, events, reply: callers.reply },
    tamper: (ports) => plant.tamper?.(ports, world, database, stream) ?? ports,
    resync: plant.resync ?? true,
  });
  const processes = random.between(2, 3);
  const faults = new Faults({ world, database, stream, fleet, callers, processes });
  const errands = errandsOf(random, vendorsOn(LANES), count);

  for (let started = 0; started < processes; started++) fleet.start();
  callers.start(errands);
  faults.start();
  const healAtMs = world.now + errands.at(-1)!.atMs + random.between(0, 1_500);
  await world.run(() => world.now >= healAtMs);
  faults.heal();
  const endAtMs = world.now + PATIENCE_MS;
  const quiet = every(world, 25, () => isQuiet(callers, database, stream, events));
  await world.run(() => world.now > endAtMs || quiet());
  const silence = silenceFaults(callers, database, stream, fleet);
  const sharing = await sharingFaults(world, database, fleet, processes);
  return {
    seed,
    faults: [...silence, ...sharing, ...judge({ database, stream, callers, events })],
    trace: world.trace ?? [],
    steps: world.steps,
    counts: { ...faults.counts, ...tally(database, stream, callers) },
    digest: digestOf(world, database),
  };
}

/** Asks a costly question only every so often; what it said last is the answer in between. */
function every(world: World, gapMs: number, ask: () => boolean): () => boolean {
  let nextMs = world.now;
  return () => {
    if (world.now < nextMs) return false;
    nextMs = world.now + gapMs;
    return ask();
  };
}

const isQuiet = (callers: Callers, database: Database, stream: Stream, events: Set<string>): boolean =>
  callers.unsettled.size === 0 &&
  callers.underway === 0 &&
  database.lanes.every(({ cursor, owner }) => owner !== null && isReadThrough(cursor.seq, stream)) &&
  [...database.books.byId.keys()].every((id) => events.has(id));

const isReadThrough = (seq: number, stream: Stream): boolean => stream.isEmpty || seq === stream.lastSeq;

/** Progress: when nothing fails any more, everybody learns their outcome and every lane is read to its end. */
function silenceFaults(callers: Callers, database: Database, stream: Stream, fleet: Fleet): string[] {
  const owners = fleet.alive.map(({ machine }) => machine.name).join(', ');
  return [
    ...[...callers.unsettled].map(({ name }) => `progress: ${name} waits for ever`),
    ...database.lanes
      .filter(({ cursor }) => !isReadThrough(cursor.seq, stream))
      .map(
        ({ lane, cursor }) =>
          `progress: lane ${lane} stays at ${cursor.seq} of ${stream.lastSeq} (${owners})`,
      ),
  ];
}

/** The lanes are shared evenly among the living, and handed over at once when they are asked to stop. */
async function sharingFaults(
  world: World,
  database: Database,
  fleet: Fleet,
  processes: number,
): Promise<string[]> {
  const thawedMs = Math.max(world.now, ...fleet.alive.map(({ machine }) => machine.frozenUntilMs));
  const settledMs = thawedMs + 3 * LEASE_MS;
  await world.run(() => world.now > settledMs);
  const living = fleet.alive.map(({ machine }) => machine.name);
  const shares = living.map((name) => database.lanes.filter(({ owner }) => owner === name).length);
  const uneven =
    shares.reduce((sum, share) => sum + share, 0) < LANES ||
    Math.max(...shares) > Math.ceil(LANES / processes);
  for (const member of fleet.alive) fleet.stop(member);
  const stoppedMs = world.now + LEASE_MS / 2;
  await world.run(() => world.now > stoppedMs || fleet.alive.length === 0);
  const kept = database.lanes.filter(({ owner }) => owner !== null);
  return [
    ...(uneven ? [`sharing: ${living.join(', ')} own ${shares.join(', ')} of ${LANES} lanes`] : []),
    ...kept.map(({ lane, owner }) => `hand-over: lane ${lane} is still ${owner}’s`),
    ...fleet.alive.map(({ machine }) => `stopping: ${machine.name} does not end`),
  ];
}

function tally(database: Database, stream: Stream, callers: Callers): Record<string, number> {
  return {
    transactions: database.books.byId.size,
    unexecuted: database.unexecuted.length,
    'messages lost': stream.lost.length,
    'stream epochs': database.lanes.reduce((sum, { streamEpoch }) => sum + streamEpoch - 1, 0),
    'changes of ownership': database.lanes.reduce((sum, { epoch }) => sum + epoch, 0),
    tellings: callers.told.length,
  };
}

function digestOf(world: World, database: Database): string {
  const heads = [...database.books.vendors.values()].map(
    ({ vendorId, headHash }) => `${vendorId} ${headHash}`,
  );
  return createHash('sha256')
    .update([world.steps, world.now, ...heads].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
