import type pg from 'pg';

/** The stored number of lanes, or time zone, is another than the configured one. */
export class StoredSettingError extends Error {
  override name = 'StoredSettingError';
}

/**
 * Settings that the books depend on are stored at the first start and cannot be changed by mistake afterwards. Creates
 * the lanes. Throws StoredSettingError.
 */
export async function holdSettings(
  pool: pg.Pool,
  { lanes, timeZone }: { lanes: number; timeZone: string },
): Promise<void> {
  const stored = await storeOnce(pool, 'lanes', String(lanes));
  if (stored !== String(lanes)) {
    throw new StoredSettingError(
      `LANES is ${lanes}, but this ledger has ${stored} lanes. Start with LANES=${stored}, or drain the log and ` +
        `re-partition it: npx b2b lanes repartition --to ${lanes} (docs/operations.md, "Lanes")`,
    );
  }
  const storedZone = await storeOnce(pool, 'business_timezone', timeZone);
  if (storedZone !== timeZone) {
    throw new StoredSettingError(
      `BUSINESS_TIMEZONE is ${timeZone}, but this ledger counts its days in ${storedZone}; daily limits would shift`,
    );
  }
  await pool.query(
    'INSERT INTO ledger.lanes (lane) SELECT generate_series(0, $1 - 1) ON CONFLICT DO NOTHING',
    [lanes],
  );
}

async function storeOnce(pool: pg.Pool, name: string, value: string): Promise<string> {
  await pool.query('INSERT INTO ledger.settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    value,
  ]);
  const { rows } = await pool.query<{ value: string }>('SELECT value FROM ledger.settings WHERE name = $1', [
    name,
  ]);
  return rows[0]!.value;
}
