import type { Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Snapshot } from '../audit/snapshot.ts';
import type { LogScope } from './log-scope.ts';

/** What was held against what, and when, with the log's limits as they were at the beginning and as they are now. */
export async function describeScope(
  { nc, subjects }: { readonly nc: NatsConnection; readonly subjects: Subjects },
  scope: LogScope,
  snapshot: Snapshot,
): Promise<string> {
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const now = await manager.streams.info(subjects.streams.commands).then(
    ({ state }) => `${state.first_seq} to ${state.last_seq} with ${state.num_deleted ?? 0} holes`,
    (error: Error) => `unknown (${error.message})`,
  );
  const { limits } = scope;
  const lanes = [...scope.lanes.values()].map(
    ({ lane, streamEpoch, cursorSeq, comparedSeq }) => `${lane}: ${streamEpoch}/${cursorSeq}/${comparedSeq}`,
  );
  return (
    `Snapshot of ${snapshot.takenAt.toISOString()} at ${snapshot.lsn}; commands ${scope.fromSeq} to ${scope.toSeq}; ` +
    `log ${scope.firstSeq} to ${scope.lastSeq} with ${scope.holes} holes at the beginning, ${now} at the end; ` +
    `audited to ${limits?.auditedSeq ?? 0}, trimmed to ${limits?.trimmedSeq ?? 0}; ` +
    `lanes (epoch/cursor/compared before): ${lanes.join(', ')}`
  );
}
