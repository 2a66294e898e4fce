import { type Kysely, sql } from 'kysely';

/**
 * The auditor writes in its own schema only. Checkpoints are never changed, runs and heads are removed only by their
 * retention; its rights to read ledger.* and credits.* are given by those schemas' own migrations.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`REVOKE ALL ON SCHEMA reconciler FROM PUBLIC`.execute(db);
  await sql`GRANT USAGE ON SCHEMA reconciler TO b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, INSERT ON reconciler.keys, reconciler.checkpoints TO b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, UPDATE ON reconciler.run_fence TO b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON reconciler.runs, reconciler.findings,
    reconciler.log_positions, reconciler.log_audited TO b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, INSERT, DELETE ON reconciler.heads TO b2b_reconciler`.execute(db);
}
