import { parseMoney } from '@b2b-charge/contracts';
import { waitUntil } from '@b2b-charge/stack';
import type pg from 'pg';
import type { Findings } from '../chaos/check/findings.ts';
import type { Rogue } from './rogue.ts';
import { AMOUNT, type Seller } from './sellers.ts';

interface Given {
  readonly sellers: readonly Seller[];
  readonly rogue: Rogue;
  readonly vendors: readonly number[];
  readonly findings: Findings;
}

/** Holds the books against what everybody was told. Returns the ids of all transactions. */
export async function checkBooks(
  db: pg.Pool,
  { sellers, rogue, vendors, findings }: Given,
): Promise<string[]> {
  const { rows } = await db.query<{
    id: string;
    vendor_id: number;
    message_id: string;
    source: string;
    type: string;
  }>('SELECT id, vendor_id, message_id, source, type FROM ledger.transactions');
  const charges = new Map(rows.filter(({ type }) => type === 'charge').map((row) => [row.message_id, row]));
  const told = sellers.flatMap((seller) => [...seller.told]);
  for (const [key, { transactionId, vendorId }] of told) {
    const charge = charges.get(key);
    if (charge?.id !== transactionId || charge.vendor_id !== vendorId) {
      findings.add('exactly-once', `${key} was told ${transactionId}, the books have ${charge?.id}`);
    }
    charges.delete(key);
  }
  for (const key of charges.keys())
    findings.add('no-silent-loss', `${key} was executed, and nobody was told`);
  if (rows.length !== new Set(rows.map((row) => `${row.vendor_id} ${row.message_id}`)).size) {
    findings.add('exactly-once', 'a key has two transactions');
  }
  if (rows.some(({ source }) => source === 'rogue')) findings.add('tenancy', 'the rogue has a transaction');
  await checkBalances(db, told, vendors, findings);
  await checkDeadLetters(db, rogue, findings);
  return rows.map(({ id }) => id);
}

async function checkBalances(
  db: pg.Pool,
  told: readonly (readonly [string, { readonly vendorId: number }])[],
  vendors: readonly number[],
  findings: Findings,
): Promise<void> {
  for (const vendorId of vendors) {
    const { rows } = await db.query<{ balance: string; credited: string }>(
      `SELECT v.balance, (SELECT sum(amount) FROM ledger.transactions t
         WHERE t.vendor_id = v.vendor_id AND t.type = 'credit' AND t.status = 'posted') AS credited
       FROM ledger.vendors v WHERE v.vendor_id = $1`,
      [vendorId],
    );
    const sold = BigInt(told.filter(([, { vendorId: id }]) => id === vendorId).length) * parseMoney(AMOUNT)!;
    const [row] = rows;
    if (BigInt(row!.balance) !== BigInt(row!.credited) - sold) {
      findings.add(
        'conservation',
        `vendor ${vendorId} has ${row!.balance} of ${row!.credited}, and sold ${sold}`,
      );
    }
  }
}

async function checkDeadLetters(db: pg.Pool, rogue: Rogue, findings: Findings): Promise<void> {
  const read = async () => {
    const { rows } = await db.query<{ stream_seq: string; reason: string }>(
      'SELECT stream_seq, reason FROM ledger.dead_letters',
    );
    return new Map(rows.map(({ stream_seq, reason }) => [Number(stream_seq), reason]));
  };
  // The log has them; the ledger may still be at the last of them.
  let letters = new Map<number, string>();
  const all = async () => {
    letters = await read();
    return letters.size >= rogue.taken.size || undefined;
  };
  await waitUntil(all, { timeoutMs: 10_000 }).catch(() => {});
  for (const [seq, reason] of rogue.taken) {
    if (letters.get(seq) !== reason)
      findings.add('no-silent-loss', `${seq} is ${letters.get(seq)}, not ${reason}`);
    letters.delete(seq);
  }
  for (const [seq, reason] of letters)
    findings.add('no-silent-loss', `${seq} became a dead letter: ${reason}`);
  for (const what of rogue.wronglyTaken) findings.add('tenancy', `the server took ${what}`);
}
