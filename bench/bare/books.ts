import type { Told } from '../harness/books.ts';
import type { Database } from '../harness/database.ts';
import { OPENING_BALANCE } from './schema.ts';

/** The bare books against what the callers were told, and against themselves. Returns what does not fit. */
export async function checkBareBooks(database: Database, told: Told): Promise<string[]> {
  const { prefix, total, soldIndexes } = told;
  const [found] = await database.query<Record<'posted' | 'indexes', string>>(
    `SELECT count(*) AS posted, coalesce(sum(split_part(message_id, '.', 2)::bigint), 0) AS indexes
     FROM ledger.transactions WHERE split_part(message_id, '.', 1) = $1`,
    [prefix],
  );
  const unknown = total.pending + total.failed + total.refused;
  const posted = Number(found!.posted);
  const [chain] = await database.query<Record<'links' | 'hashes' | 'heads', string>>(
    `SELECT
       count(*) FILTER (WHERE t.seq > 1 AND (p.seq IS NULL OR p.hash <> t.previous_hash)
         OR t.balance_before <> coalesce(p.balance_after, ${OPENING_BALANCE})
         OR t.balance_after <> t.balance_before - t.amount) AS links,
       count(*) FILTER (WHERE t.hash <> sha256(t.previous_hash || convert_to(concat_ws('|', t.vendor_id, t.seq,
         t.message_id, t.amount, t.balance_before, t.balance_after), 'UTF8'))) AS hashes,
       (SELECT count(*) FROM ledger.vendors v WHERE v.seq <> (
         SELECT count(*) FROM ledger.transactions o WHERE o.vendor_id = v.vendor_id)) AS heads
     FROM ledger.transactions t LEFT JOIN ledger.transactions p
       ON p.vendor_id = t.vendor_id AND p.seq = t.seq - 1`,
  );
  const { links, hashes, heads } = chain!;
  return [
    ...(posted < total.sold || posted > total.sold + unknown
      ? [`${prefix}: ${posted} charges in the bare books, ${total.sold} told (${unknown} unknown)`]
      : []),
    ...(unknown === 0 && soldIndexes !== null && Number(found!.indexes) !== soldIndexes
      ? [`${prefix}: other charges are in the bare books than were told`]
      : []),
    ...(Number(links) > 0 ? [`${links} bare rows do not continue their chain`] : []),
    ...(Number(hashes) > 0 ? [`${hashes} bare rows have a wrong hash`] : []),
    ...(Number(heads) > 0 ? [`${heads} bare vendors whose row is not the head of their chain`] : []),
  ];
}
