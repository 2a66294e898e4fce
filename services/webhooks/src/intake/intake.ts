import { followOutcomes } from '@b2b-charge/client';
import { type Subjects, WEBHOOK_EVENT_TYPES } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Database } from '../db/database.ts';
import { holdLease } from './lease.ts';
import { type RecordRules, recordEvents } from './record.ts';

interface IntakeOptions {
  readonly db: Database;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  readonly rules: RecordRules;
  /** Something is owed. */
  readonly recorded: (deliveries: number) => void;
}

const WANTED: ReadonlySet<string> = new Set(WEBHOOK_EVENT_TYPES);

/** Follows the ledger's events and writes down what is owed to whom. One replica at a time, for the order's sake. */
export function startIntake({ db, nc, subjects, log, rules, recorded }: IntakeOptions): AsyncDisposable {
  return holdLease({
    db,
    log,
    name: 'intake',
    whileHeld: () =>
      followOutcomes({
        nc,
        subjects,
        durable: 'webhooks',
        onBatch: async (events) => {
          const added = await recordEvents(
            db,
            events.filter(({ type }) => WANTED.has(type)),
            rules,
          );
          if (added > 0) recorded(added);
        },
        onTrouble: (error) => log.warn({ err: error }, 'following the events failed'),
      }),
  });
}
