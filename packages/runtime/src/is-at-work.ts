import pg from 'pg';

/** SQLSTATEs of a server that is there, and has no connection left to say so. */
const FULL = /^53/;

/**
 * What a server's process does with the statement that it was given, asked over a connection of its own. `gone` is said by a
 * server that does not answer, by another one that took its place, and by one whose answer was lost; `committing` waits
 * for a synchronous replica, which no time-out of PostgreSQL's ends.
 */
export type AtWork = 'working' | 'committing' | 'gone' | 'unknown';

export async function isAtWork(config: pg.ClientConfig, processId: number | undefined): Promise<AtWork> {
  const client = new pg.Client({
    connectionString: config.connectionString,
    application_name: `${config.application_name}-asks`,
    connectionTimeoutMillis: config.connectionTimeoutMillis,
    query_timeout: config.connectionTimeoutMillis,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    // The number alone may be another process' on another server; that one has not been at something for long.
    const { rows } = await client.query<{ does: AtWork }>(
      `SELECT CASE wait_event WHEN 'SyncRep' THEN 'committing' ELSE 'working' END AS does FROM pg_stat_activity
       WHERE pid = $1 AND usename = current_user AND state NOT LIKE 'idle%'
         AND query_start < clock_timestamp() - interval '1 second'`,
      [processId],
    );
    return rows[0]?.does ?? 'gone';
  } catch (error) {
    return FULL.test((error as { code?: string }).code ?? '') ? 'unknown' : 'gone';
  } finally {
    client.connection.stream.destroy();
  }
}
