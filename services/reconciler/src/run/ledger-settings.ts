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
