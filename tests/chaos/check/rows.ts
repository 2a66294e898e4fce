import { createPool } from '@b2b-charge/runtime';
import type pg from 'pg';

/** A transaction as the table holds it; nothing of the services' code reads or makes it. */
export interface Row {
  readonly vendor_id: number;
  readonly seq: string;
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
  readonly amount: string;
  readonly phone_number: string | null;
  readonly phone_salt: string | null;
  readonly phone_commitment: string | null;
  readonly balance_effect: string;
  readonly held_effect: string;
  readonly balance_before: string;
  readonly balance_after: string;
  readonly held_before: string;
  readonly held_after: string;
  readonly message_id: string;
  readonly fingerprint: string;
  readonly principal: string;
  readonly source: string;
  readonly reference: string | null;
  readonly resolves: string | null;
  readonly operator: string | null;
  readonly livemode: boolean;
  readonly details: string | null;
  readonly stream: number;
  readonly stream_epoch: number;
  readonly stream_seq: string;
  readonly stream_index: number;
  readonly business_day: string;
  readonly created_ms: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Of a transaction, what its command is compared with. */
export type Executed = Pick<Row, 'fingerprint' | 'phone_salt' | 'created_ms' | 'stream_epoch' | 'stream_seq'>;

export interface VendorRow {
  readonly vendor_id: number;
  readonly balance: string;
  readonly seq: string;
  readonly head_hash: string;
}

export interface LaneRow {
  readonly lane: number;
  readonly owner: string | null;
  readonly epoch: string;
  readonly stream_epoch: number;
  readonly cursor_seq: string;
  published_epoch: number;
  published_seq: string;
}

/** The database as its owner sees it. A connection that breaks while PostgreSQL is down is replaced by the next one. */
export function openDatabase(url: string): pg.Pool {
  return createPool({
    url,
    applicationName: 'check',
    max: 2,
    statementTimeoutMs: 600_000,
    connectTimeoutMs: 3_000,
  });
}

export const readVendors = async (db: pg.Pool): Promise<VendorRow[]> =>
  (
    await db.query<VendorRow>(
      "SELECT vendor_id, balance, seq, encode(head_hash, 'hex') AS head_hash FROM ledger.vendors ORDER BY vendor_id",
    )
  ).rows;

export const readChain = async (db: pg.Pool, vendorId: number): Promise<Row[]> =>
  (
    await db.query<Row>(
      `SELECT vendor_id, seq, id, type, status, reason, amount, balance_effect, held_effect, balance_before, balance_after,
         held_before, held_after, phone_number, encode(phone_salt, 'hex') AS phone_salt,
         encode(phone_commitment, 'hex') AS phone_commitment, message_id, encode(fingerprint, 'hex') AS fingerprint,
         principal, source, reference, resolves, operator, livemode, details, stream, stream_epoch, stream_seq,
         stream_index, business_day::text AS business_day,
         (extract(epoch FROM created_at) * 1000)::bigint AS created_ms,
         encode(previous_hash, 'hex') AS previous_hash, encode(hash, 'hex') AS hash
       FROM ledger.transactions WHERE vendor_id = $1 ORDER BY seq`,
      [vendorId],
    )
  ).rows;

/** By their place among the keys, the transactions that hold them. */
export async function readExecuted(
  db: pg.Pool,
  keys: readonly { readonly vendorId: number; readonly messageId: string }[],
): Promise<Map<number, Executed>> {
  const { rows } = await db.query<Executed & { n: string }>(
    `SELECT i.n, encode(t.fingerprint, 'hex') AS fingerprint, encode(t.phone_salt, 'hex') AS phone_salt,
       (extract(epoch FROM t.created_at) * 1000)::bigint AS created_ms,
       t.stream_epoch, t.stream_seq
     FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS i (vendor_id, message_id, n)
     JOIN ledger.transactions t ON t.vendor_id = i.vendor_id AND t.message_id = i.message_id`,
    [keys.map(({ vendorId }) => vendorId), keys.map(({ messageId }) => messageId)],
  );
  return new Map(rows.map(({ n, ...row }) => [Number(n) - 1, row]));
}

export const readLanes = async (db: pg.Pool): Promise<LaneRow[]> =>
  (
    await db.query<LaneRow>(
      'SELECT lane, owner, epoch, stream_epoch, cursor_seq, published_epoch, published_seq FROM ledger.lanes ORDER BY lane',
    )
  ).rows;

export interface Unexecuted {
  readonly expired: ReadonlySet<string>;
  readonly dead: ReadonlyMap<string, string>;
}

/** Places in the log of what was not executed; the dead letters with their reason. */
export async function readUnexecuted(db: pg.Pool): Promise<Unexecuted> {
  const expired = await db.query<{ place: string }>(
    "SELECT concat_ws(' ', vendor_id, stream_epoch, stream_seq) AS place FROM ledger.expirations",
  );
  const dead = await db.query<{ place: string; why: string }>(
    "SELECT concat_ws(' ', stream_epoch, stream_seq) AS place, reason || ': ' || detail AS why FROM ledger.dead_letters",
  );
  return {
    expired: new Set(expired.rows.map(({ place }) => place)),
    dead: new Map(dead.rows.map(({ place, why }) => [place, why])),
  };
}
