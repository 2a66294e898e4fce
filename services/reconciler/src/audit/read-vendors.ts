import { GENESIS, type Head, type LastTransaction, type StoredVendor } from '../domain/books.ts';
import type { Reader } from './snapshot.ts';

/** A vendor, the end of its chain, and where an earlier audit left off. */
export interface VendorEntry {
  readonly stored: StoredVendor;
  readonly last: LastTransaction | null;
  /** Null before the first checkpoint that has this vendor. */
  readonly head: Head | null;
  /** What now stands at the head's place in the chain. */
  readonly anchor: { readonly hash: string; readonly balanceAfter: bigint } | null;
}

const SQL = `SELECT v.vendor_id, v.name, v.balance, v.held, v.business_day::text, v.charged_today, v.status, v.daily_limit,
    v.livemode::text AS livemode, v.seq,
    encode(v.head_hash, 'hex') AS head_hash,
    l.seq AS l_seq, l.balance_after AS l_balance, l.held_after AS l_held, encode(l.hash, 'hex') AS l_hash,
    (l.created_at AT TIME ZONE $4)::date::text AS l_day, l.livemode::text AS l_livemode,
    h.seq AS h_seq, h.balance AS h_balance, h.held AS h_held, encode(h.hash, 'hex') AS h_hash, h.charged_day::text AS h_day,
    h.charged AS h_charged, h.added_all, h.taken_all, h.status AS h_status, h.daily_limit AS h_limit,
    a.balance_after AS a_balance, encode(a.hash, 'hex') AS a_hash
  FROM ledger.vendors v
  LEFT JOIN LATERAL (
    SELECT seq, balance_after, held_after, hash, created_at, livemode FROM ledger.transactions t
    WHERE t.vendor_id = v.vendor_id ORDER BY seq DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (
    SELECT * FROM reconciler.heads h
    WHERE h.vendor_id = v.vendor_id AND h.checkpoint_id <= $5 ORDER BY checkpoint_id DESC LIMIT 1) h ON true
  LEFT JOIN LATERAL (
    SELECT hash, balance_after FROM ledger.transactions t
    WHERE t.vendor_id = v.vendor_id AND t.seq = h.seq) a ON true
  WHERE v.vendor_id > $1 AND ($2::int IS NULL OR v.vendor_id = $2) ORDER BY v.vendor_id LIMIT $3`;

type Row = Record<string, string | null> & { vendor_id: number; name: string };

interface Page {
  readonly after: number;
  readonly vendorId: number | null;
  readonly limit: number;
  readonly timeZone: string;
  /** The checkpoint to go by; no later one is looked at. */
  readonly checkpointId: number;
}

/** The next page of vendors by id. */
export async function readVendors(reader: Reader, page: Page): Promise<VendorEntry[]> {
  const values = [page.after, page.vendorId, page.limit, page.timeZone, page.checkpointId];
  const rows = await reader.query<Row>(SQL, values);
  return rows.map(toEntry);
}

function toEntry(row: Row): VendorEntry {
  return {
    stored: {
      vendorId: row.vendor_id,
      name: row.name,
      balance: BigInt(row.balance!),
      held: BigInt(row.held!),
      businessDay: row.business_day!,
      chargedToday: BigInt(row.charged_today!),
      status: row.status!,
      dailyLimit: limitOf(row.daily_limit),
      livemode: row.livemode === 'true',
      seq: Number(row.seq),
      headHash: row.head_hash!,
    },
    last: row.l_seq
      ? {
          seq: Number(row.l_seq),
          balanceAfter: BigInt(row.l_balance!),
          heldAfter: BigInt(row.l_held!),
          hash: row.l_hash!,
          day: row.l_day!,
          livemode: row.l_livemode === 'true',
        }
      : null,
    head: row.h_seq ? toHead(row) : null,
    anchor: row.a_hash ? { hash: row.a_hash, balanceAfter: BigInt(row.a_balance!) } : null,
  };
}

function toHead(row: Row): Head {
  return {
    seq: Number(row.h_seq),
    balance: BigInt(row.h_balance!),
    held: BigInt(row.h_held!),
    hash: row.h_hash!,
    chargedDay: row.h_day ?? GENESIS.chargedDay,
    charged: BigInt(row.h_charged!),
    added: BigInt(row.added_all!),
    taken: BigInt(row.taken_all!),
    status: row.h_status!,
    dailyLimit: limitOf(row.h_limit),
  };
}

const limitOf = (text: string | null | undefined): bigint | null => (text == null ? null : BigInt(text));
