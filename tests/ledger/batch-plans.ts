import type { VendorId } from '@b2b-charge/contracts';
import { charge, command, credit, open, reverse, TEHRAN } from '../../services/ledger/simulator/given.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';

/** A batch's statements, and the trigger's: words that tell them apart, and the indexes meant for them. */
export const BATCH: readonly [string, RegExp, string[]][] = [
  ['the vendors', /^SELECT v.vendor_id.* FOR UPDATE/, ['transactions_pkey', 'vendors_pkey']],
  ['the outcomes known', /AS k \(vendor_id, message_id\)/, ['exactly_once']],
  [
    'the charges to reverse',
    /AS o \(vendor_id, seq, id\)/,
    ['transactions_pkey', 'transactions_reversed_once'],
  ],
  ['the new balances', /^UPDATE ledger.vendors/, ['vendors_pkey']],
  ['the guard of the chain', /FROM added n LEFT JOIN LATERAL/, ['transactions_pkey']],
];

let sent = 0;

interface Batch {
  readonly size: number;
  readonly vendors: number;
  /** A charge of vendor 5 to give back. */
  readonly reversed?: string;
}

/** Commits a batch of charges of several vendors; a vendor that does not exist yet is opened first. */
export async function runBatch(store: PgStore, { size, vendors, reversed }: Batch): Promise<void> {
  const key = () => `batch-${++sent}`;
  const batch = reversed
    ? [command({ request: reverse(reversed), vendorId: 5 as VendorId, key: key() })]
    : [open(), credit('1000000.00')].map((request) =>
        command({ request, vendorId: 1 as VendorId, key: request.type }),
      );
  while (batch.length < size) {
    const vendorId = (1 + ((batch.length * 7) % vendors)) as VendorId;
    batch.push(command({ request: charge('1.00'), vendorId, key: key() }));
  }
  const [title] = await store.claim(1, []);
  const cursor = { seq: 1, messageId: null, timeMs: null };
  const begun = await store.openBatch([{ ...title!, cursor }], batch);
  await begun.commit(writesOf(batch, decideBatch(batch, begun.knowledge, TEHRAN)));
  await store.release([title!]);
}
