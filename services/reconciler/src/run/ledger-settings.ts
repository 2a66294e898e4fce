import type { Reader } from '../audit/snapshot.ts';

export interface LedgerSettings {
  readonly lanes: number;
  readonly timeZone: string;
}

/** The number of lanes and the time zone that the ledger goes by; before its first start, the configured ones. */
export async function readLedgerSettings(
  reader: Reader,
  configured: LedgerSettings,
): Promise<LedgerSettings> {
  const rows = await reader.query<{ name: string; value: string }>('SELECT name, value FROM ledger.settings');
  const stored = new Map(rows.map((row) => [row.name, row.value]));
  return {
    lanes: Number(stored.get('lanes') ?? configured.lanes),
    timeZone: stored.get('business_timezone') ?? configured.timeZone,
  };
}

/** Whether the ledger got another number of lanes since the last audit: how far each was compared says nothing then. */
export async function wasRepartitioned(reader: Reader): Promise<boolean> {
  const rows = await reader.query(
    `SELECT FROM (SELECT count(*) AS lanes FROM ledger.lanes) l,
       (SELECT count(*) AS lanes FROM reconciler.log_positions) p
     WHERE p.lanes > 0 AND p.lanes <> l.lanes`,
  );
  return rows.length > 0;
}
