import { laneOf, type MessageId, type Outcome } from '@b2b-charge/contracts';
import { isRepeatOf } from '../src/domain/is-repeat-of.ts';
import { keyReused, outcomeOfTransaction } from '../src/publish/outcome-of.ts';
import type { Sending } from './callers.ts';
import type { Database } from './database.ts';
import { CURRENCY } from './given.ts';
import type { World } from './world.ts';

const AGAIN_MS = 50;
const RETRY_LOCK_MS = 5;

/** The outcome query: what a key's outcome is, or that its command can never be executed, or null for "not yet". */
export function askByKey(
  world: World,
  database: Database,
  sending: Sending,
): Promise<Outcome | 'never executed' | null> {
  const { promise, resolve } = Promise.withResolvers<Outcome | 'never executed' | null>();
  const { errand, expiresAtMs, request } = sending;
  const row = database.lanes[laneOf(errand.vendorId, database.lanes.length)]!;
  const lookUp = () => {
    const found = database.books.outcome(errand.vendorId, errand.key as MessageId);
    if (!found) return null;
    return isRepeatOf(found, request) ? outcomeOfTransaction(found, false, CURRENCY) : keyReused(found);
  };
  const answer = (said: Outcome | 'never executed' | null) =>
    world.after(world.latency(), () => resolve(said));
  // A database that went back may yet decide what it lost as of before the deadline.
  const isSettled = () =>
    row.leaseUntilMs > database.nowMs && row.comparedEpoch === row.epoch && row.cursor.seq >= row.replayUntil;
  // A batch in hand may have been decided before the deadline: whoever holds the lane's row is waited for.
  const afterTheLaneIsFree = () => {
    if (row.lockedBy) world.after(RETRY_LOCK_MS, afterTheLaneIsFree);
    else answer(lookUp() ?? (isSettled() ? 'never executed' : null));
  };
  const arrive = () => {
    if (!database.up) return world.after(AGAIN_MS, arrive);
    const found = lookUp();
    if (found || expiresAtMs === null || database.nowMs < expiresAtMs) return answer(found);
    afterTheLaneIsFree();
  };
  world.after(world.latency(), arrive);
  return promise;
}
