import { UsageError } from '@b2b-charge/runtime';
import pg from 'pg';

/** Numbers given out after the restored time must not be given out again: so many are skipped. */
const SKIPPED = { 'gateway.vendor_ids': 10_000, 'credits.requests_id_seq': 100_000 } as const;

export class NotRecoveredError extends UsageError {
  override name = 'NotRecoveredError';
}

/**
 * After the server has recovered and before the services start on it: fences off every ledger of before, and skips the
 * numbers that the lost time may have given out. Throws NotRecoveredError while it still recovers.
 */
export async function finishRestore(adminUrl: string): Promise<{ restoredTo: string }> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect().catch((error: Error) => {
    throw new NotRecoveredError(`PostgreSQL does not answer: wait, and repeat (${error.message})`);
  });
  try {
    const { rows } = await client.query<{ recovering: boolean; at: string | null }>(
      'SELECT pg_is_in_recovery() AS recovering, (SELECT max(created_at)::text FROM ledger.transactions) AS at',
    );
    if (rows[0]!.recovering) throw new NotRecoveredError('PostgreSQL is still recovering: wait, and repeat');
    await client.query('BEGIN');
    await client.query(
      "UPDATE ledger.lanes SET epoch = epoch + 1, owner = NULL, lease_until = '-infinity', compared_epoch = 0",
    );
    await client.query('DELETE FROM ledger.processes');
    for (const [sequence, count] of Object.entries(SKIPPED))
      await client.query(`SELECT setval('${sequence}', nextval('${sequence}') + ${count})`);
    await client.query('COMMIT');
    return { restoredTo: rows[0]!.at ?? 'an empty ledger' };
  } finally {
    await client.end();
  }
}
