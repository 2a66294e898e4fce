import { type Kysely, sql } from 'kysely';

/** The least that each role needs: nobody deletes, the trail and the approvals only grow, the auditor reads. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`REVOKE ALL ON SCHEMA credits FROM PUBLIC`.execute(db);
  await sql`GRANT USAGE ON SCHEMA credits TO b2b_credits, b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, INSERT ON credits.approvals, credits.audit_trail TO b2b_credits`.execute(db);
  await sql`GRANT SELECT, INSERT, UPDATE ON credits.requests, credits.outbox, credits.vendor_limits
    TO b2b_credits`.execute(db);
  await sql`GRANT SELECT ON ALL TABLES IN SCHEMA credits TO b2b_reconciler`.execute(db);
}
