import { type DeadLetterReason, type Money, parseTransactionId, type VendorId } from '@b2b-charge/contracts';
import type { Command, LogEntry } from '../domain/command.ts';
import type { Original } from '../domain/commands/reverse.ts';
import { type BatchKnowledge, type DatedRecalculation, keyOf, placeOf } from '../domain/decide-batch.ts';
import type { VendorState } from '../domain/vendor-state.ts';
import { plainArray, textArray } from './array-literals.ts';
import {
  TRANSACTION_COLUMNS,
  type TransactionRow,
  toTransaction,
  toVendorState,
  type VendorRow,
} from './rows.ts';
import type { Statement, Writer } from './writer.ts';

/** Locks the vendors in id order, so that two processes could never wait for each other. */
export const VENDORS: Statement = {
  name: 'batch-vendors',
  text: `SELECT v.vendor_id, v.name, v.status, v.livemode, v.balance AS stored_balance, v.daily_limit,
      v.business_day::text AS business_day, v.charged_today, v.seq,
      (extract(epoch FROM v.opened_at) * 1000)::bigint AS opened_at_ms,
      t.balance_after, t.held_after, encode(t.hash, 'hex') AS head_hash,
      (extract(epoch FROM t.created_at) * 1000)::bigint AS updated_at_ms
    FROM ledger.vendors v LEFT JOIN ledger.transactions t ON t.vendor_id = v.vendor_id AND t.seq = v.seq
    WHERE v.vendor_id = ANY ($1::int[]) ORDER BY v.vendor_id FOR UPDATE OF v`,
};

export const KNOWN: Statement = {
  name: 'batch-known',
  text: `SELECT ${TRANSACTION_COLUMNS}
    FROM unnest($1::int[], $2::text[]) AS k (vendor_id, message_id)
    JOIN ledger.transactions t ON t.vendor_id = k.vendor_id AND t.message_id = k.message_id`,
};

export const ORIGINALS: Statement = {
  name: 'batch-originals',
  text: `SELECT ${TRANSACTION_COLUMNS}, EXISTS (
      SELECT FROM ledger.transactions r
      WHERE r.vendor_id = t.vendor_id AND r.resolves = t.id AND r.status = 'posted') AS reversed
    FROM unnest($1::int[], $2::bigint[], $3::uuid[]) AS o (vendor_id, seq, id)
    JOIN ledger.transactions t ON t.vendor_id = o.vendor_id AND t.seq = o.seq AND t.id = o.id`,
};

const RECALCULATIONS: Statement = {
  name: 'batch-recalculations',
  text: `SELECT v.vendor_id, v.balance AS stored_balance, head.business_day::text AS business_day, s.balance,
      s.charged_today
    FROM ledger.vendors v
    JOIN ledger.transactions head ON head.vendor_id = v.vendor_id AND head.seq = v.seq
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(t.balance_effect), 0)::bigint AS balance,
        coalesce(-sum(t.balance_effect) FILTER (WHERE t.type IN ('charge', 'reversal')
          AND coalesce(c.business_day, t.business_day) = head.business_day), 0)::bigint AS charged_today
      FROM ledger.transactions t
      LEFT JOIN ledger.transactions c ON c.vendor_id = t.vendor_id AND c.id = t.resolves
      WHERE t.vendor_id = v.vendor_id AND t.status = 'posted') s
    WHERE v.vendor_id = ANY ($1::int[])`,
};

/** Asked only of lanes whose log was rolled back; the time tells a message from another that got its number later. */
const BURIED: Statement = {
  name: 'batch-buried',
  text: `SELECT d.lane, d.stream_seq, d.reason, d.detail
    FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) AS k (lane, stream_epoch, stream_seq, time_ms)
    CROSS JOIN LATERAL generate_series(1, k.stream_epoch - 1) AS former (stream_epoch)
    JOIN ledger.dead_letters d ON d.lane = k.lane AND d.stream_epoch = former.stream_epoch
      AND d.stream_seq = k.stream_seq AND d.time_ms = k.time_ms`,
};

const commandsOf = (entries: readonly LogEntry[]): Command[] =>
  entries.filter((entry) => entry.kind === 'command');

/** Loads what a batch's commands need to be decided, besides the states in `cached`. All statements go out at once. */
export async function loadBatch(
  writer: Writer,
  entries: readonly LogEntry[],
  cached: ReadonlyMap<VendorId, VendorState>,
): Promise<Omit<BatchKnowledge, 'nowMs'>> {
  const commands = commandsOf(entries);
  const [vendors, known, originals, recalculations, buried] = await Promise.all([
    loadVendors(writer, commands, cached),
    loadKnown(writer, commands),
    loadOriginals(writer, commands),
    loadRecalculations(writer, commands),
    loadBuried(writer, entries),
  ]);
  return { vendors, known, originals, recalculations, buried };
}

async function loadVendors(
  writer: Writer,
  commands: readonly Command[],
  cached: ReadonlyMap<VendorId, VendorState>,
): Promise<Map<VendorId, VendorState>> {
  const states = new Map(cached);
  const missing = new Set(
    commands.map(({ vendorId }) => vendorId).filter((vendorId) => !cached.has(vendorId)),
  );
  if (missing.size === 0) return states;
  const { rows } = await writer.query<VendorRow>(VENDORS, [plainArray([...missing])]);
  for (const row of rows) states.set(row.vendor_id as VendorId, toVendorState(row));
  return states;
}

async function loadKnown(writer: Writer, commands: readonly Command[]) {
  if (commands.length === 0) return new Map();
  const { rows } = await writer.query<TransactionRow>(KNOWN, [
    plainArray(commands.map(({ vendorId }) => vendorId)),
    textArray(commands.map(({ messageId }) => messageId)),
  ]);
  return new Map(rows.map((row) => [keyOf(row.vendor_id as VendorId, row.message_id), toTransaction(row)]));
}

async function loadOriginals(writer: Writer, commands: readonly Command[]): Promise<Map<string, Original>> {
  const places = commands.flatMap(({ vendorId, request }) => {
    const place = request.type === 'reverse' ? parseTransactionId(request.transaction_id) : null;
    return place?.vendorId === vendorId ? [place] : [];
  });
  if (places.length === 0) return new Map();
  const { rows } = await writer.query<TransactionRow & { reversed: boolean }>(ORIGINALS, [
    plainArray(places.map(({ vendorId }) => vendorId)),
    plainArray(places.map(({ seq }) => seq)),
    plainArray(places.map(({ id }) => id)),
  ]);
  return new Map(rows.map((row) => [row.id, { transaction: toTransaction(row), reversed: row.reversed }]));
}

interface RecalculationRow {
  vendor_id: number;
  balance: string;
  charged_today: string;
  stored_balance: string;
  /** The day of the vendor's last transaction. */
  business_day: string;
}

async function loadRecalculations(
  writer: Writer,
  commands: readonly Command[],
): Promise<Map<VendorId, DatedRecalculation>> {
  const ids = new Set(
    commands.filter(({ request }) => request.type === 'rebuild').map(({ vendorId }) => vendorId),
  );
  if (ids.size === 0) return new Map();
  const { rows } = await writer.query<RecalculationRow>(RECALCULATIONS, [plainArray([...ids])]);
  const toMoney = (text: string) => BigInt(text) as Money;
  return new Map(
    rows.map((row) => [
      row.vendor_id as VendorId,
      {
        balance: toMoney(row.balance),
        chargedToday: toMoney(row.charged_today),
        storedBalance: toMoney(row.stored_balance),
        businessDay: row.business_day,
      },
    ]),
  );
}

interface BuriedRow {
  lane: number;
  stream_seq: string;
  reason: DeadLetterReason;
  detail: string;
}

async function loadBuried(
  writer: Writer,
  entries: readonly LogEntry[],
): Promise<Map<string, Pick<BuriedRow, 'reason' | 'detail'>>> {
  const reread = entries.filter(({ streamEpoch }) => streamEpoch > 1);
  if (reread.length === 0) return new Map();
  const { rows } = await writer.query<BuriedRow>(BURIED, [
    plainArray(reread.map(({ lane }) => lane)),
    plainArray(reread.map(({ streamEpoch }) => streamEpoch)),
    plainArray(reread.map(({ streamSeq }) => streamSeq)),
    plainArray(reread.map(({ timeMs }) => timeMs)),
  ]);
  return new Map(
    rows.map(({ lane, stream_seq, reason, detail }) => [
      placeOf({ lane, streamSeq: Number(stream_seq) }),
      { reason, detail },
    ]),
  );
}
