import type { Kysely } from 'kysely';
import type { ActsTable, BackofficeDatabase } from '../../db/schema.ts';

type Db = Kysely<BackofficeDatabase>;

/** What an operator set out to do. */
export interface Act {
  /** Who: a username, or "cli". */
  readonly operator: string;
  /** What, e.g. "vendor.suspend". */
  readonly act: string;
  /** On what, e.g. "vendor:7". */
  readonly target: string;
  /** From where. */
  readonly address: string;
  readonly requestId: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const ACT_STAGES = ['asked', 'done', 'refused', 'failed'] as const;
export type ActStage = (typeof ACT_STAGES)[number];
export type ActEnd = Exclude<ActStage, 'asked'>;

export interface ActView {
  readonly id: string;
  readonly at: string;
  readonly operator: string;
  readonly act: string;
  readonly target: string;
  readonly address: string;
  readonly details: Record<string, unknown>;
  /** "asked": begun, and its end is not known. */
  readonly outcome: ActStage;
}

/** Writes an act down before it is done: what cannot be recorded is not done. Returns its number. */
export async function beginAct(db: Db, act: Act): Promise<string> {
  return insert(db, act, { stage: 'asked', completes: null });
}

/** Writes down how an act ended, as a row of its own: the trail only grows. */
export async function endAct(db: Db, id: string, act: Act, end: ActEnd): Promise<void> {
  await insert(db, act, { stage: end, completes: id });
}

/** An act of one step. */
export async function recordAct(db: Db, act: Act): Promise<void> {
  await insert(db, act, { stage: 'done', completes: null });
}

async function insert(db: Db, act: Act, row: Pick<ActsTable, 'stage' | 'completes'>): Promise<string> {
  const { id } = await db
    .insertInto('backoffice.operator_acts')
    .values({
      ...row,
      operator: act.operator,
      act: act.act,
      target: act.target,
      address: act.address,
      request_id: act.requestId,
      details: JSON.stringify(act.details ?? {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export interface ActFilter {
  readonly operator?: string | undefined;
  /** One act, e.g. "credit.approve". */
  readonly act?: string | undefined;
  readonly target?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Newest first; one more than asked for tells that there are more. */
export async function listActs(db: Db, filter: ActFilter): Promise<ActView[]> {
  let query = db
    .selectFrom('backoffice.operator_acts as a')
    .leftJoin('backoffice.operator_acts as e', 'e.completes', 'a.id')
    .select(['a.id', 'a.at', 'a.operator', 'a.act', 'a.target', 'a.address', 'a.details'])
    .select(['a.stage', 'e.stage as end_stage', 'e.details as end_details'])
    .where('a.completes', 'is', null)
    .orderBy('a.id', 'desc')
    .limit(filter.limit);
  if (filter.operator !== undefined) query = query.where('a.operator', '=', filter.operator);
  if (filter.act !== undefined) query = query.where('a.act', '=', filter.act);
  if (filter.target !== undefined) query = query.where('a.target', '=', filter.target);
  if (filter.before !== undefined) query = query.where('a.id', '<', filter.before);
  return (await query.execute()).map((row) => ({
    id: row.id,
    at: row.at.toISOString(),
    operator: row.operator,
    act: row.act,
    target: row.target,
    address: row.address,
    details: { ...row.details, ...row.end_details },
    outcome: row.end_stage ?? row.stage,
  }));
}
