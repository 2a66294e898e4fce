import { type Kysely, sql } from 'kysely';

/** The least that each role needs. The ledger's own role inserts transactions and can do nothing else to them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`REVOKE ALL ON SCHEMA ledger FROM PUBLIC`.execute(db);
  await sql`GRANT USAGE ON SCHEMA ledger TO b2b_ledger, b2b_reconciler`.execute(db);
  await sql`GRANT SELECT, INSERT ON ledger.transactions, ledger.expirations TO b2b_ledger`.execute(db);
  await sql`GRANT SELECT, INSERT, UPDATE ON ledger.vendors, ledger.settings, ledger.dead_letters TO b2b_ledger`.execute(
    db,
  );
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.lanes, ledger.processes TO b2b_ledger`.execute(db);
  await sql`GRANT SELECT ON ledger.postings, ledger.trial_balance, ledger.chain_breaks TO b2b_ledger`.execute(
    db,
  );
  await sql`GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO b2b_reconciler`.execute(db);
}
