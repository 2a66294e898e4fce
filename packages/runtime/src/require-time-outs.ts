import pg from 'pg';
import { type DatabaseSettings, databaseFrom } from './database-settings.ts';

/** Through a pooler the role's time-outs hold, and they are not what the service's settings say. */
export class TimeOutsDifferError extends Error {
  override name = 'TimeOutsDifferError';
}

/**
 * A pooler in transaction mode takes no time-outs from its clients: they are the role's in this database. Compares them with
 * the settings, so that no wait is without its bound by mistake. Throws TimeOutsDifferError, which says what to do.
 */
export async function requireTimeOuts(settings: DatabaseSettings): Promise<void> {
  const { url, pooled, connectTimeoutMs, ...limits } = databaseFrom(settings);
  if (!pooled) return;
  const wanted: Record<string, number> = {
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionTimeoutMs,
  };
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; setting: string; role: string; database: string }>(
      `SELECT name, setting, current_user AS role, current_database() AS database FROM pg_settings
       WHERE name = ANY ($1) ORDER BY name`,
      [Object.keys(wanted)],
    );
    const lines = rows
      .filter(({ name, setting }) => Number(setting) !== wanted[name])
      .map(
        ({ name, role, database }) =>
          `ALTER ROLE ${role} IN DATABASE ${database} SET ${name} = ${wanted[name]};`,
      );
    if (lines.length > 0)
      throw new TimeOutsDifferError(
        `through the pooler other time-outs hold than DATABASE_… says: ${lines.join(' ')} then RECONNECT the pooler`,
      );
  } finally {
    await client.end().catch(() => {});
  }
}
