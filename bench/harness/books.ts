import { setTimeout as sleep } from 'node:timers/promises';
import type { Answers } from '../load/plan.ts';
import { canonicalText } from './canonical-text.ts';
import type { Database } from './database.ts';

/** What the callers were told, of the loads under one prefix. */
export interface Told {
  readonly prefix: string;
  readonly total: Answers;
  /** Charges asked for under a key of their own. */
  readonly sent: number;
  /** Null if repeats make it meaningless. */
  readonly soldIndexes: number | null;
}

interface Found {
  readonly posted: number;
  readonly rejected: number;
  readonly indexes: number;
}

const SETTLES_WITHIN_MS = 60_000;

/**
 * The books against what the callers were told, and against themselves, in SQL of the bench's own: no figure stands
 * without it. `since` bounds what is read; whatever the loads wrote came later. Returns what does not fit.
 */
export async function checkBooks(database: Database, told: readonly Told[], since: Date): Promise<string[]> {
  const discrepancies: string[] = [];
  for (const one of told) discrepancies.push(...(await checkTold(database, one, since)));
  discrepancies.push(...(await checkChains(database, since)), ...(await checkBalances(database)));
  return discrepancies;
}

async function checkTold(database: Database, told: Told, since: Date): Promise<string[]> {
  const { prefix, total, soldIndexes } = told;
  const unknown = total.pending + total.failed + total.refused;
  const deadline = Date.now() + SETTLES_WITHIN_MS;
  let found = await findRows(database, prefix, since);
  // What was answered "pending" is decided in a while.
  while (unknown > 0 && Date.now() < deadline) {
    await sleep(1_000);
    const later = await findRows(database, prefix, since);
    if (later.posted + later.rejected === found.posted + found.rejected) break;
    found = later;
  }
  const problems: string[] = [];
  const expect = (what: string, found: number, atLeast: number) => {
    if (found < atLeast || found > atLeast + unknown)
      problems.push(`${prefix}: ${found} ${what} in the books, ${atLeast} told (${unknown} unknown)`);
  };
  expect('charges', found.posted, total.sold);
  expect('rejections', found.rejected, total.rejected);
  if (unknown === 0 && soldIndexes !== null && found.indexes !== soldIndexes)
    problems.push(`${prefix}: other charges are in the books than were told`);
  return problems;
}

async function findRows(database: Database, prefix: string, since: Date): Promise<Found> {
  const [row] = await database.query<Record<keyof Found, string>>(
    `SELECT count(*) FILTER (WHERE status = 'posted') AS posted,
       count(*) FILTER (WHERE status = 'rejected') AS rejected,
       coalesce(sum(split_part(split_part(message_id, '.', 2), ':', 1)::bigint)
         FILTER (WHERE status = 'posted'), 0) AS indexes
     FROM ledger.transactions WHERE created_at >= $1 AND split_part(message_id, '.', 1) = $2`,
    [since, prefix],
  );
  return { posted: Number(row!.posted), rejected: Number(row!.rejected), indexes: Number(row!.indexes) };
}

/** Every new row continues its chain, does its sum and carries the hash of its content. */
async function checkChains(database: Database, since: Date): Promise<string[]> {
  const [row] = await database.query<Record<'links' | 'sums' | 'hashes', string>>(
    `SELECT
       count(*) FILTER (WHERE p.seq IS NULL OR p.balance_after <> n.balance_before) AS links,
       count(*) FILTER (WHERE n.balance_after < 0 OR n.balance_after <> n.balance_before + n.balance_effect
         OR n.balance_effect <> CASE WHEN n.status = 'rejected' THEN 0 WHEN n.type = 'charge' THEN -n.amount
           ELSE n.amount END) AS sums,
       count(*) FILTER (WHERE n.hash <> sha256(convert_to(${canonicalText('n')}, 'UTF8'))) AS hashes
     FROM ledger.transactions n LEFT JOIN ledger.transactions p ON p.vendor_id = n.vendor_id AND p.seq = n.seq - 1
     WHERE n.created_at >= $1`,
    [since],
  );
  const { links, sums, hashes } = row!;
  return [
    ...(Number(links) > 0 ? [`${links} rows do not continue their chain`] : []),
    ...(Number(sums) > 0 ? [`${sums} rows have a wrong balance`] : []),
    ...(Number(hashes) > 0 ? [`${hashes} rows have a wrong hash`] : []),
  ];
}

/** Every vendor's row is the head of its chain. */
async function checkBalances(database: Database): Promise<string[]> {
  const [row] = await database.query<{ wrong: string }>(
    `SELECT count(*) AS wrong FROM ledger.vendors v
     LEFT JOIN ledger.transactions h ON h.vendor_id = v.vendor_id AND h.seq = v.seq
     WHERE h.balance_after IS DISTINCT FROM v.balance OR EXISTS (
       SELECT FROM ledger.transactions t WHERE t.vendor_id = v.vendor_id AND t.seq = v.seq + 1)`,
  );
  return Number(row!.wrong) > 0 ? [`${row!.wrong} vendors whose row is not the head of their chain`] : [];
}
