import fc from 'fast-check';
import type { LaneTitle, LedgerStore } from '../../services/ledger/src/process/ports.ts';

export const LANES = 3;
/** Of a log that lost its tail; before some of the marks that are moved, and behind others. */
const ANNOUNCED_TO_MS = 3_000;

/** One move of two ledger processes about their lanes. */
export interface LaneMove {
  readonly who: number;
  readonly what:
    | 'renew'
    | 'claim'
    | 'release'
    | 'raise'
    | 'batch'
    | 'rolled back batch'
    | 'leave'
    | 'wait'
    | 'forget';
  /** How many lanes, or which of those held. */
  readonly number: number;
}

export const laneMoves = fc.array(
  fc.record({
    who: fc.nat(1),
    what: fc.constantFrom<LaneMove['what']>(
      ...(['renew', 'renew', 'claim', 'claim', 'release', 'raise', 'batch', 'batch'] as const),
      ...(['rolled back batch', 'leave', 'wait', 'forget'] as const),
    ),
    number: fc.nat(LANES),
  }),
  { maxLength: 40, size: 'max' },
);

/** Two processes' stores, and the clock of their database. */
export interface Lanes {
  readonly stores: readonly LedgerStore[];
  /** Until every lease has run out. */
  waitOut(): Promise<void>;
  /** Where a call is made, and its answer waited for. */
  call<T>(run: () => Promise<T>): Promise<T>;
}

/** Plays a script and writes down what every call answered. */
export async function play(script: readonly LaneMove[], { stores, waitOut, call }: Lanes): Promise<string[]> {
  const held = stores.map(() => new Map<number, LaneTitle>());
  const told: string[] = [];
  for (const move of script) {
    const answer = await (move.what === 'wait'
      ? waitOut()
      : call(() => act(move, stores[move.who]!, held[move.who]!))
    ).catch((error: Error) => error.name);
    told.push(`${move.who} ${move.what} ${move.number}: ${JSON.stringify(answer) ?? 'done'}`);
  }
  return told;
}

async function act(
  { what, number }: LaneMove,
  store: LedgerStore,
  held: Map<number, LaneTitle>,
): Promise<unknown> {
  const titles = [...held.values()];
  const chosen = titles[number % Math.max(1, titles.length)];
  switch (what) {
    case 'renew': {
      for (const title of titles) held.set(title.lane, moved(title));
      const renewal = await store.renew([...held.values()]);
      for (const { lane } of titles) if (!renewal.lanes.has(lane)) held.delete(lane);
      return { lanes: [...renewal.lanes].sort(), processes: renewal.processes };
    }
    case 'claim': {
      const claimed = await store.claim(number, [...held.keys()]);
      for (const title of claimed) held.set(title.lane, title);
      return claimed.sort((a, b) => a.lane - b.lane);
    }
    case 'release':
      if (chosen) held.delete(chosen.lane);
      return store.release(chosen ? [moved(chosen)] : []);
    case 'raise':
      if (chosen)
        held.set(chosen.lane, await store.raiseStreamEpoch(chosen.lane, chosen.epoch, ANNOUNCED_TO_MS));
      return chosen && held.get(chosen.lane);
    case 'batch':
    case 'rolled back batch':
      return batch(what === 'batch', store, held);
    case 'leave':
      return store.leave();
    case 'forget': // the process begins again; its lanes are still its own
      return held.clear();
    case 'wait':
      return null;
  }
}

/** Moves the cursors of all held lanes in one transaction. */
async function batch(commits: boolean, store: LedgerStore, held: Map<number, LaneTitle>): Promise<unknown> {
  const moves = [...held.values()].map(moved);
  try {
    const open = await store.openBatch(moves, []);
    if (!commits) {
      await store.rollback();
      return 'rolled back';
    }
    await open.commit({ transactions: [], vendors: [], expired: [], dead: [] });
    for (const title of moves) held.set(title.lane, title);
    return 'committed';
  } catch (error) {
    await store.rollback();
    throw error;
  }
}

const moved = (title: LaneTitle): LaneTitle => {
  const seq = title.cursor.seq + 1;
  return {
    ...title,
    cursor: { seq, messageId: `m-${seq}`, timeMs: 1_000 * seq },
    published: { streamEpoch: title.streamEpoch, streamSeq: title.cursor.seq, atMs: 1_000 * seq },
  };
};
