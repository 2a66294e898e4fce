import { type Kysely, sql } from 'kysely';

/** What a lane's owner needs to notice that the database went back, and to decide the lost tail as it was decided. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE ledger.lanes
    ADD COLUMN compared_epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN replay_until bigint NOT NULL DEFAULT 0,
    ADD COLUMN replay_alive_ms bigint`.execute(db);
  await sql`COMMENT ON COLUMN ledger.lanes.compared_epoch IS
    'The epoch under which the owner has compared the lane with what was announced'`.execute(db);
  await sql`COMMENT ON COLUMN ledger.lanes.replay_until IS
    'Commands up to this sequence may have been decided before the database went back'`.execute(db);
  await sql`COMMENT ON COLUMN ledger.lanes.replay_alive_ms IS
    'When the ledger last announced anything before the database went back'`.execute(db);
}
