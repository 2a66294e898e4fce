import { fingerprint, type MessageId, newPhoneSalt, type VendorId } from '@b2b-charge/contracts';
import { decide } from '../../services/ledger/src/domain/decide.ts';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { VendorState } from '../../services/ledger/src/domain/vendor-state.ts';
import { toVendorState, type VendorRow } from '../../services/ledger/src/store/rows.ts';
import { transactionValues } from '../../services/ledger/src/store/write-batch.ts';
import type { Database } from '../harness/database.ts';
import { createCharges } from '../load/charges.ts';

export interface CeilingBatch {
  readonly ids: string;
  readonly transactions: string[];
  readonly vendors: string[];
  readonly size: number;
}

const AMOUNT = '1.50';
const never = () => {
  throw new TypeError('unreachable');
};

/** Genuine rows, decided and written out before the clock starts: the database shall not wait for anyone. */
export async function makeBatches(
  database: Database,
  { vendors, count, size, prefix }: { vendors: number; count: number; size: number; prefix: string },
): Promise<CeilingBatch[]> {
  const states = await readStates(database);
  const charge = createCharges({ vendors, spread: 'uniform', amount: AMOUNT, prefix });
  const nowMs = Date.now();
  const batches: CeilingBatch[] = [];
  for (let start = 0; start < count; start += size) {
    const rows: Transaction[] = [];
    const heads = new Map<VendorId, VendorState>();
    for (let n = start; n < Math.min(count, start + size); n++) {
      const { vendorId, phoneNumber, key } = charge(n);
      const phoneSalt = newPhoneSalt();
      const request = { type: 'charge', phone_number: phoneNumber, amount: AMOUNT } as const;
      const command = {
        ...({
          kind: 'command',
          lane: 0,
          streamEpoch: 1,
          streamSeq: n + 1,
          timeMs: nowMs,
          replyTo: null,
        } as const),
        source: 'gateway',
        expiresAtMs: null,
        request,
        fingerprint: fingerprint(request, phoneSalt),
        principal: 'token:1',
        phoneSalt,
        header: never,
        raw: never,
        vendorId: vendorId as VendorId,
        messageId: key as MessageId,
      };
      const around = {
        nowMs,
        timeZone: 'Asia/Tehran',
        known: undefined,
        original: never,
        recalculation: never,
      };
      const decision = decide(states.get(vendorId), command, around);
      if (decision.kind !== 'recorded') throw new TypeError(`unexpected: ${decision.kind}`);
      states.set(vendorId, decision.state);
      heads.set(command.vendorId, decision.state);
      rows.push(decision.transaction);
    }
    batches.push(literals(rows, [...heads.values()]));
  }
  return batches;
}

async function readStates(database: Database): Promise<Map<number, VendorState>> {
  const rows = await database.query<VendorRow & { vendor_id: number }>(
    `SELECT vendor_id, name, status, livemode, balance AS stored_balance, balance AS balance_after, held AS held_after, daily_limit,
       business_day::text AS business_day, charged_today, seq, encode(head_hash, 'hex') AS head_hash,
       (extract(epoch FROM opened_at) * 1000)::bigint AS opened_at_ms,
       (extract(epoch FROM updated_at) * 1000)::bigint AS updated_at_ms FROM ledger.vendors`,
  );
  return new Map(rows.map((row) => [row.vendor_id, toVendorState(row)]));
}

const plain = (values: readonly unknown[]): string => `{${values.map((value) => value ?? 'NULL').join(',')}}`;
const hex = (values: readonly string[]): string => `{"\\\\x${values.join('","\\\\x')}"}`;
const time = (ms: number): string => new Date(ms).toISOString();

function literals(rows: readonly Transaction[], vendors: readonly VendorState[]): CeilingBatch {
  return {
    size: rows.length,
    ids: plain(vendors.map((vendor) => vendor.vendorId)),
    transactions: transactionValues(rows),
    vendors: [
      plain(vendors.map((vendor) => vendor.vendorId)),
      plain(vendors.map((vendor) => vendor.balance)),
      plain(vendors.map((vendor) => vendor.seq)),
      hex(vendors.map((vendor) => vendor.headHash)),
      plain(vendors.map((vendor) => vendor.businessDay)),
      plain(vendors.map((vendor) => vendor.chargedToday)),
      plain(vendors.map((vendor) => time(vendor.updatedAtMs))),
    ],
  };
}
