import path from 'node:path';
import { type Receipt, receiptSchema } from '@b2b-charge/contracts';
import type { Fleet } from '@b2b-charge/stack';
import type pg from 'pg';
import { loadKeys } from '../../services/reconciler/src/keys/signing-key.ts';
import { verifyReceipt } from '../../services/reconciler/src/receipts/verify-receipt.ts';
import { ask } from '../chaos/load/http.ts';
import type { Shop } from '../chaos/load/ways.ts';

export interface Kept {
  readonly receipt: Receipt;
  /** The row that it speaks of, byte by byte. */
  readonly row: string;
}

const OF_EACH_SHOP = 2;
const TIMEOUT_MS = 10_000;
/** The newest transactions, and the newest whose number was erased. */
const NEWEST = `(SELECT id FROM ledger.transactions WHERE vendor_id = $1 ORDER BY seq DESC LIMIT $2)
  UNION (SELECT id FROM ledger.transactions WHERE vendor_id = $1 AND phone_commitment IS NOT NULL AND phone_number IS NULL
    ORDER BY seq DESC LIMIT $2)`;
const ROW = 'SELECT t::text AS row FROM ledger.transactions t WHERE vendor_id = $1 AND id = $2';

/** Signed receipts of every shop's newest transactions, through the API. */
export async function takeReceipts(fleet: Fleet, db: pg.Pool, shops: readonly Shop[]): Promise<Kept[]> {
  const kept: Kept[] = [];
  const url = fleet.of('gateway')[0]!.url;
  for (const { vendorId, token } of shops) {
    const { rows } = await db.query<{ id: string }>(NEWEST, [vendorId, OF_EACH_SHOP]);
    for (const { id } of rows) {
      const request = { method: 'GET', path: `/api/transactions/${id}/receipt/`, token } as const;
      const answer = await ask(url, { ...request, timeoutMs: TIMEOUT_MS });
      if (answer?.status !== 200) throw new Error(`${request.path}: ${JSON.stringify(answer)}`);
      const row = (await db.query<{ row: string }>(ROW, [vendorId, id])).rows[0]!.row;
      kept.push({ receipt: receiptSchema.parse(answer.body.data), row });
    }
  }
  return kept;
}

/** What is not as it was: each must verify by the public key, and its transaction be there to the last byte. */
export async function checkReceipts(fleet: Fleet, db: pg.Pool, kept: readonly Kept[]): Promise<string[]> {
  const key = loadKeys(path.join(fleet.folder, 'reconciler-key.pem')).current.publicKey;
  const faults: string[] = [];
  for (const { receipt, row } of kept) {
    const verified = verifyReceipt(receipt, key);
    if (!verified.valid) {
      faults.push(`a receipt does not verify: ${verified.reason}`);
      continue;
    }
    const { vendor_id, transaction_id: id } = verified.content;
    const now = (await db.query<{ row: string }>(ROW, [vendor_id, id])).rows[0]?.row;
    if (now !== row) faults.push(`the transaction of a receipt is ${now ?? 'gone'}, and was ${row}`);
  }
  return faults;
}
