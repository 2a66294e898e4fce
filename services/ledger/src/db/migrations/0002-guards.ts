import { type Kysely, sql } from 'kysely';

/** What the database itself refuses: a changed or removed transaction, a link that does not fit its chain. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`.execute(db);
  for (const table of ['transactions', 'expirations']) {
    await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${sql.table(`ledger.${table}`)}
      FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()`.execute(db);
  }
  await sql`CREATE FUNCTION ledger.check_links() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE broken record;
    BEGIN
      SELECT n.vendor_id, n.seq INTO broken
      FROM added n LEFT JOIN ledger.transactions p ON p.vendor_id = n.vendor_id AND p.seq = n.seq - 1
      WHERE CASE WHEN n.seq = 1
        THEN n.balance_before <> 0 OR n.previous_hash <> decode(repeat('00', 32), 'hex')
        ELSE p.seq IS NULL OR p.balance_after <> n.balance_before OR p.hash <> n.previous_hash END
      LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION 'transaction % of vendor % does not continue its chain', broken.seq, broken.vendor_id
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$`.execute(db);
  await sql`CREATE TRIGGER chain_links AFTER INSERT ON ledger.transactions REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_links()`.execute(db);
}
