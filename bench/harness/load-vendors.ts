import { hashToken } from '@b2b-charge/http/tokens/token-text';
import { vendorToken } from '../load/charges.ts';
import type { Database } from './database.ts';
import { NEXT_LINK } from './next-link.ts';

export interface Shop {
  readonly vendors: number;
  /** Transactions of each; the first opens the vendor, the second credits it, the rest are charges. */
  readonly linksEach: number;
}

/** A shop as the plain scenarios have it: every vendor open and rich. */
export const shopOf = (vendors: number): Shop => ({ vendors, linksEach: 2 });

const ROWS_PER_STEP = 200_000;

/**
 * Fills empty books with vendors and their histories, by SQL: the ledger would take minutes for ten million rows. The
 * shortcut is only in who writes: chains, hashes, balances and ids are genuine, and are checked like all others. Triggers
 * are off and indexes away meanwhile.
 */
export async function loadShop(
  database: Database,
  shop: Shop,
  progress: (line: string) => void,
): Promise<void> {
  const { vendors, linksEach } = shop;
  const step = Math.max(1, Math.floor(ROWS_PER_STEP / vendors));
  await database.connected(async (client) => {
    const run = (text: string, values: unknown[] = []) => client.query(text, values);
    await run('SET session_replication_role = replica');
    await run('SET synchronous_commit = off');
    await run(NEXT_LINK);
    await run(`INSERT INTO bench.heads
      SELECT v, 0, 0, decode(repeat('00', 32), 'hex') FROM generate_series(1, ${vendors}) v`);
    const indexes = linksEach > 10 ? await takeIndexesAway(run) : [];
    for (let done = 0; done < linksEach; done += step) {
      const links = Math.min(step, linksEach - done);
      await run('SELECT bench.add_links($1)', [links]);
      if (linksEach > 10 && done % (step * 5) === 0) {
        progress(`history: ${((done + links) * vendors).toLocaleString('en')} transactions`);
      }
    }
    for (const definition of indexes) await run(definition);
    await run('SELECT bench.write_vendors()');
    await run('DROP SCHEMA bench CASCADE');
    await run('RESET session_replication_role');
  });
  await giveTokens(database, vendors);
  await database.connected(async (client) => {
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  });
}

/** The table's indexes and the constraints made of them, dropped; returns the statements that make them again. */
async function takeIndexesAway(
  run: (text: string) => Promise<{ rows: Record<string, string>[] }>,
): Promise<string[]> {
  const constraints = await run(`SELECT conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE conrelid = 'ledger.transactions'::regclass AND contype IN ('p', 'u')`);
  const again = constraints.rows.map(
    ({ name, definition }) => `ALTER TABLE ledger.transactions ADD CONSTRAINT ${name} ${definition}`,
  );
  for (const { name } of constraints.rows)
    await run(`ALTER TABLE ledger.transactions DROP CONSTRAINT ${name}`);
  const indexes =
    await run(`SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = 'ledger.transactions'::regclass`);
  for (const { name } of indexes.rows) await run(`DROP INDEX ${name}`);
  return [...again, ...indexes.rows.map(({ definition }) => definition!)];
}

/** A token each for vendors 1 … n, hashed as the gateway stores them. */
export async function giveTokens(database: Database, vendors: number): Promise<void> {
  const ids = Array.from({ length: vendors }, (_, index) => index + 1);
  const hashes = ids.map((id) => Buffer.from(hashToken(vendorToken(id)), 'base64'));
  await database.connected(async (client) => {
    await client.query(
      `INSERT INTO gateway.vendors (id, created_by) SELECT v, 'bench' FROM generate_series(1, $1) v`,
      [vendors],
    );
    await client.query(
      `INSERT INTO gateway.tokens (hash, role, vendor_id, name, created_by)
       SELECT hash, 'vendor', id, 'till-1', 'bench' FROM unnest($1::int[], $2::bytea[]) AS t (id, hash)`,
      [ids, hashes],
    );
    await client.query(`SELECT setval('gateway.vendor_ids', $1)`, [vendors]);
  });
}
