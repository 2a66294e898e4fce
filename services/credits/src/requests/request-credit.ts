import { businessDay, type CallResponse, formatMoney, type Money, parseMoney } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import type { Database, Tx } from '../db/schema.ts';
import { approvalsNeeded } from '../domain/decisions.ts';
import { viewOf } from './read.ts';
import { writeTrail } from './trail.ts';

export interface RequestRules {
  readonly dualAbove: bigint | undefined;
  /** For vendors without a limit of their own. */
  readonly dailyLimit: bigint | undefined;
  readonly timeZone: string;
}

interface Asked {
  readonly vendor_id: number;
  readonly amount: string;
  readonly requested_by: string;
  readonly idempotency_key?: string | null | undefined;
  readonly origin?: string | null | undefined;
}

/**
 * Records a vendor's request for credit; the same key and amount again answers the first one.
 * Errors: KEY_REUSED, DAILY_CREDIT_LIMIT_EXCEEDED.
 */
export async function requestCredit(
  db: Database,
  asked: Asked,
  rules: RequestRules,
): Promise<CallResponse<'credits.request'>> {
  const amount = parseMoney(asked.amount)!;
  const first = await findByKey(db, asked, amount);
  if (first) return { request: await viewOf(db, first), replayed: true };
  const made = await db.transaction().execute((tx) => insertRequest(tx, asked, amount, rules));
  if (made) return { request: await viewOf(db, made), replayed: false };
  // Another one with the same key came in between: it is the first.
  const other = await findByKey(db, asked, amount);
  if (!other) throw new Error('a conflicting credit request cannot be found');
  return { request: await viewOf(db, other), replayed: true };
}

async function findByKey(db: Database, asked: Asked, amount: Money): Promise<string | null> {
  if (!asked.idempotency_key) return null;
  const row = await db
    .selectFrom('credits.requests')
    .select(['id', 'amount'])
    .where('vendor_id', '=', asked.vendor_id)
    .where('idempotency_key', '=', asked.idempotency_key)
    .executeTakeFirst();
  if (!row) return null;
  if (BigInt(row.amount) !== amount) {
    throw new CallError('KEY_REUSED', `this key belongs to request ${row.id} for another amount`);
  }
  return row.id;
}

async function insertRequest(tx: Tx, asked: Asked, amount: Money, rules: RequestRules) {
  const day = businessDay(Date.now(), rules.timeZone);
  await enforceDailyLimit(tx, asked.vendor_id, amount, day, rules.dailyLimit);
  const row = await tx
    .insertInto('credits.requests')
    .values({
      vendor_id: asked.vendor_id,
      amount,
      requested_by: asked.requested_by,
      idempotency_key: asked.idempotency_key ?? null,
      approvals_needed: approvalsNeeded(amount, rules.dualAbove),
      business_day: day,
    })
    .onConflict((conflict) => conflict.constraint('one_request_per_key').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return null;
  await writeTrail(tx, {
    actor: asked.requested_by,
    origin: asked.origin,
    action: 'requested',
    requestId: row.id,
    vendorId: asked.vendor_id,
    details: {
      amount: formatMoney(amount),
      ...(asked.idempotency_key ? { key: asked.idempotency_key } : {}),
    },
  });
  return row.id;
}

/** Counts what is asked for, granted or not yet decided; what was rejected or cancelled does not count. */
async function enforceDailyLimit(
  tx: Tx,
  vendorId: number,
  amount: bigint,
  day: string,
  common: bigint | undefined,
): Promise<void> {
  const own = await tx
    .selectFrom('credits.vendor_limits')
    .select('daily_limit')
    .where('vendor_id', '=', vendorId)
    .executeTakeFirst();
  const limit = own ? own.daily_limit : common;
  if (limit === undefined || limit === null) return;
  // Two requests at once must not both fit: one waits here until the other's transaction is over.
  await sql`SELECT pg_advisory_xact_lock(hashtext('credits.daily_limit'), ${vendorId}::int)`.execute(tx);
  const { rows } = await sql<{ used: string }>`
    SELECT coalesce(sum(amount), 0)::text AS used FROM credits.requests
    WHERE vendor_id = ${vendorId} AND business_day = ${day}::date
      AND status IN ('pending', 'approved', 'posted')`.execute(tx);
  if (BigInt(rows[0]!.used) + amount > BigInt(limit)) {
    throw new CallError(
      'DAILY_CREDIT_LIMIT_EXCEEDED',
      `asked for ${formatMoney(BigInt(rows[0]!.used))} of ${formatMoney(BigInt(limit))} today already`,
    );
  }
}
