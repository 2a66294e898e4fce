import { type Following, followOutcomes } from '@b2b-charge/client';
import type { Outcome, Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';

interface FollowOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  /** Must be idempotent: an event may come more than once. */
  readonly onOutcome: (outcome: Outcome) => Promise<void>;
}

/**
 * Follows the ledger's events of posted credits at a position that all replicas share: it brings the outcomes whose reply
 * was lost, or that came about without us (a dead letter re-submitted). A refused credit is rare enough to wait for the
 * sweeper.
 */
export function followCredits({ nc, subjects, log, onOutcome }: FollowOptions): Following {
  return followOutcomes({
    nc,
    subjects,
    durable: 'credits',
    shared: true,
    onBatch: async (events) => {
      for (const { outcome } of events) await onOutcome(outcome);
    },
    onTrouble: (error) => log.warn({ err: error }, 'following the events of credits failed'),
  });
}
