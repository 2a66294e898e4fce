import { type Kysely, sql } from 'kysely';

/** The least that the service needs; the trail only grows, and the database says so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION webhooks.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'webhooks.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`.execute(db);
  await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhooks.audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION webhooks.refuse_change()`.execute(db);
  await sql`REVOKE ALL ON SCHEMA webhooks FROM PUBLIC`.execute(db);
  await sql`GRANT USAGE ON SCHEMA webhooks TO b2b_webhooks`.execute(db);
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.endpoints, webhooks.secrets, webhooks.deliveries
    TO b2b_webhooks`.execute(db);
  await sql`GRANT SELECT, INSERT, UPDATE ON webhooks.leases TO b2b_webhooks`.execute(db);
  await sql`GRANT SELECT, INSERT ON webhooks.audit_trail TO b2b_webhooks`.execute(db);
}
