import { type Kysely, sql } from 'kysely';

/** Which dead letters were sent again, by whom and why: it only grows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE ledger.resubmissions (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    lane         int NOT NULL,
    stream_epoch int NOT NULL,
    stream_seq   bigint NOT NULL,
    message_id   text NOT NULL,
    actor        text NOT NULL,
    origin       text,
    note         text,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lane, stream_epoch, stream_seq, id)
  )`.execute(db);
  await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.resubmissions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()`.execute(db);
  await sql`GRANT SELECT, INSERT ON ledger.resubmissions TO b2b_ledger`.execute(db);
  await sql`GRANT SELECT ON ledger.resubmissions TO b2b_reconciler`.execute(db);
}
