import { type Kysely, sql } from 'kysely';

/** What the database itself refuses: a changed trail, a changed amount, a decision taken back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION credits.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'credits.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`.execute(db);
  for (const table of ['approvals', 'audit_trail']) {
    await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${sql.table(`credits.${table}`)}
      FOR EACH STATEMENT EXECUTE FUNCTION credits.refuse_change()`.execute(db);
  }
  await sql`CREATE FUNCTION credits.check_decision() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (NEW.vendor_id, NEW.amount, NEW.requested_by) <> (OLD.vendor_id, OLD.amount, OLD.requested_by) THEN
        RAISE EXCEPTION 'credit request % cannot change what was asked', OLD.id
          USING ERRCODE = 'restrict_violation';
      END IF;
      IF NEW.status <> OLD.status AND NOT (
        OLD.status = 'pending' AND NEW.status IN ('approved', 'rejected', 'cancelled')
        OR OLD.status = 'approved' AND NEW.status IN ('posted', 'rejected')) THEN
        RAISE EXCEPTION 'credit request % cannot go from % to %', OLD.id, OLD.status, NEW.status
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$`.execute(db);
  await sql`CREATE TRIGGER one_way BEFORE UPDATE ON credits.requests
    FOR EACH ROW EXECUTE FUNCTION credits.check_decision()`.execute(db);
}
