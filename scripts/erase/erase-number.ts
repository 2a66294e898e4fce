import type pg from 'pg';

/** Rows that one transaction changes: a long one would hold up the ledger. */
const BATCH = 1_000;

export interface Target {
  readonly table: string;
  /** How many rows hold the number; $1 is the number, $2 its digits without the country code. */
  readonly count: string;
  /** Takes the number out of at most BATCH rows; null where only the vendor can change the text. */
  readonly erase: string | null;
}

/** Every place of the database where a phone number may stand. */
export const TARGETS: readonly Target[] = [
  {
    table: 'ledger.transactions',
    count: 'SELECT count(*) FROM ledger.transactions WHERE phone_number = $1 AND $2::text IS NOT NULL',
    erase: `UPDATE ledger.transactions SET phone_number = NULL, phone_salt = NULL
      WHERE (vendor_id, seq) IN (SELECT vendor_id, seq FROM ledger.transactions
        WHERE phone_number = $1 AND $2::text IS NOT NULL LIMIT ${BATCH})`,
  },
  {
    table: 'ledger.dead_letters',
    count: `SELECT count(*) FROM ledger.dead_letters
      WHERE $1::text IS NOT NULL AND (position(convert_to($2, 'UTF8') IN payload) > 0 OR position($2 IN headers) > 0)`,
    erase: `UPDATE ledger.dead_letters SET payload = convert_to('{"erased":true}', 'UTF8'), headers = '[]'
      WHERE (lane, stream_epoch, stream_seq) IN (SELECT lane, stream_epoch, stream_seq FROM ledger.dead_letters
        WHERE $1::text IS NOT NULL AND (position(convert_to($2, 'UTF8') IN payload) > 0 OR position($2 IN headers) > 0)
        LIMIT ${BATCH})`,
  },
  {
    table: 'webhooks.deliveries',
    count: `SELECT count(*) FROM webhooks.deliveries WHERE $2::text IS NOT NULL AND position('"' || $1 || '"' IN body) > 0`,
    erase: `UPDATE webhooks.deliveries SET body = replace(replace(body, '"' || $1 || '"', 'null'),
        '"phone_erased":false', '"phone_erased":true')
      WHERE id IN (SELECT id FROM webhooks.deliveries
        WHERE $2::text IS NOT NULL AND position('"' || $1 || '"' IN body) > 0 LIMIT ${BATCH})`,
  },
  {
    table: "vendors' own texts (key, reference, metadata)",
    count: `SELECT count(*) FROM ledger.transactions WHERE $1::text IS NOT NULL
      AND (position($2 IN message_id) > 0 OR position($2 IN coalesce(reference, '')) > 0
        OR position($2 IN coalesce(details, '')) > 0)`,
    erase: null,
  },
];

export interface Number {
  /** E.164. */
  readonly e164: string;
  /** Without the country code: in a message that was refused, any spelling may stand. */
  readonly national: string;
}

export type Counts = Readonly<Record<string, number>>;

/** How many rows of each table hold the number. Changes nothing. */
export async function countRows(db: pg.Client, { e164, national }: Number): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const { table, count } of TARGETS) {
    const { rows } = await db.query<{ count: string }>(count, [e164, national]);
    counts[table] = Number(rows[0]!.count);
  }
  return counts;
}

/** The sales whose outcome may be cached under their key. */
export const soldTo = async (db: pg.Client, { e164 }: Number) =>
  (
    await db.query<{ vendor_id: number; message_id: string }>(
      'SELECT vendor_id, message_id FROM ledger.transactions WHERE phone_number = $1',
      [e164],
    )
  ).rows;

interface Erasure {
  readonly number: Number;
  readonly by: string;
  readonly reason: string;
  readonly nowMs: number;
  progress(text: string): void;
}

/**
 * Takes the number out of every table, a batch at a time, as the one role that may; records how many rows, by whom and
 * why, and never the number. Safe to repeat after a break.
 */
export async function eraseNumber(db: pg.Client, erasure: Erasure): Promise<Counts> {
  const { number, by, reason, nowMs, progress } = erasure;
  const counts: Record<string, number> = {};
  for (const { table, erase } of TARGETS) {
    if (erase === null) continue;
    let erased = 0;
    for (let rows = BATCH; rows === BATCH; ) {
      rows = await asEraser(
        db,
        async () => (await db.query(erase, [number.e164, number.national])).rowCount ?? 0,
      );
      erased += rows;
      if (rows > 0) progress(`${table}: ${erased} rows erased`);
    }
    counts[table] = erased;
  }
  await asEraser(db, () =>
    db.query('INSERT INTO ledger.erasures (actor, reason, counts, at) VALUES ($1, $2, $3, $4)', [
      by,
      reason,
      counts,
      new Date(nowMs),
    ]),
  );
  return counts;
}

async function asEraser<T>(db: pg.Client, work: () => Promise<T>): Promise<T> {
  await db.query('BEGIN');
  try {
    await db.query('SET LOCAL ROLE b2b_eraser');
    const result = await work();
    await db.query('COMMIT');
    return result;
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
}
