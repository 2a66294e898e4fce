import { type Kysely, sql } from 'kysely';

/** Heads of a run that is still going; they become a checkpoint at its end, or nothing. Losing them costs nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE UNLOGGED TABLE reconciler.staged_heads (
    run_id        bigint NOT NULL REFERENCES reconciler.runs ON DELETE CASCADE,
    vendor_id     int NOT NULL,
    seq           bigint NOT NULL,
    balance       bigint NOT NULL,
    hash          bytea NOT NULL,
    charged_day   date NOT NULL,
    charged       bigint NOT NULL,
    credited_all  numeric NOT NULL,
    charged_all   numeric NOT NULL,
    reversed_all  numeric NOT NULL,
    PRIMARY KEY (run_id, vendor_id)
  )`.execute(db);
  // A scheduled instant has one run, however many replicas wake up for it.
  await sql`ALTER TABLE reconciler.runs ADD COLUMN scheduled_for timestamptz`.execute(db);
  await sql`CREATE UNIQUE INDEX runs_once ON reconciler.runs (trigger, scheduled_for)
    WHERE scheduled_for IS NOT NULL`.execute(db);
  // Each vendor's newest head first; and the heads of one checkpoint.
  await sql`ALTER TABLE reconciler.heads DROP CONSTRAINT heads_pkey`.execute(db);
  await sql`CREATE UNIQUE INDEX heads_newest ON reconciler.heads (vendor_id, checkpoint_id DESC)`.execute(db);
  await sql`CREATE INDEX heads_of_checkpoint ON reconciler.heads (checkpoint_id, vendor_id)`.execute(db);
  // A checkpoint's statement is about its heads, so they are written first.
  await sql`ALTER TABLE reconciler.heads
    ALTER CONSTRAINT heads_checkpoint_id_fkey DEFERRABLE INITIALLY DEFERRED`.execute(db);
  await sql`GRANT SELECT, INSERT, DELETE ON reconciler.staged_heads TO b2b_reconciler`.execute(db);
}
