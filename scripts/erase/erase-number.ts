import type pg from 'pg';

/** Rows that one transaction changes: a long one would hold up the ledger. */
const BATCH = 1_000;

export interface PhoneNumber {
  /** E.164. */
  readonly e164: string;
  /** Without the country code: a message that was refused may hold any spelling. */
  readonly national: string;
}

interface Target {
  readonly table: string;
  /** The form of the number that $1 is. */
  readonly spelling: keyof PhoneNumber;
  /** Condition for the rows that hold the number. */
  readonly holds: string;
  /** The change that takes the number out, and the columns of the primary key. */
  readonly erase: { readonly set: string; readonly key: string };
}

const TARGETS: readonly Target[] = [
  {
    table: 'ledger.transactions',
    spelling: 'e164',
    holds: 'phone_number = $1',
    erase: { set: 'phone_number = NULL, phone_salt = NULL', key: 'vendor_id, seq' },
  },
  {
    table: 'ledger.dead_letters',
    spelling: 'national',
    holds: `position(convert_to($1, 'UTF8') IN payload) > 0 OR position($1 IN headers) > 0`,
    erase: {
      set: `payload = convert_to('{"erased":true}', 'UTF8'), headers = '[]'`,
      key: 'lane, stream_epoch, stream_seq',
    },
  },
  {
    table: 'webhooks.deliveries',
    spelling: 'e164',
    holds: `position('"' || $1 || '"' IN body) > 0`,
    erase: {
      set: `body = replace(replace(body, '"' || $1 || '"', 'null'), '"phone_erased":false', '"phone_erased":true')`,
      key: 'id',
    },
  },
];

/** Texts of vendors that only the vendor can change. */
const OWN_TEXTS = {
  name: "vendors' own texts (key, reference, metadata)",
  count: `SELECT count(*) FROM ledger.transactions WHERE position($1 IN message_id) > 0
    OR position($1 IN coalesce(reference, '')) > 0 OR position($1 IN coalesce(details, '')) > 0`,
};

export type Counts = Readonly<Record<string, number>>;

/** Returns how many rows of each table hold the number. Changes nothing. */
export async function countRows(db: pg.Client, number: PhoneNumber): Promise<Counts> {
  const count = async (text: string, spelling: string) =>
    Number((await db.query<{ count: string }>(text, [spelling])).rows[0]!.count);
  const counts: Record<string, number> = {};
  for (const { table, spelling, holds } of TARGETS) {
    counts[table] = await count(`SELECT count(*) FROM ${table} WHERE ${holds}`, number[spelling]);
  }
  counts[OWN_TEXTS.name] = await count(OWN_TEXTS.count, number.national);
  return counts;
}

export interface SaleKey {
  readonly vendor_id: number;
  readonly message_id: string;
}

/** Returns the sales whose outcome may be cached under their key. */
export const soldTo = async (db: pg.Client, { e164 }: PhoneNumber): Promise<SaleKey[]> =>
  (
    await db.query<SaleKey>('SELECT vendor_id, message_id FROM ledger.transactions WHERE phone_number = $1', [
      e164,
    ])
  ).rows;

interface Erasure {
  readonly number: PhoneNumber;
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
  for (const { table, spelling, holds, erase } of TARGETS) {
    const text = `UPDATE ${table} SET ${erase.set}
      WHERE (${erase.key}) IN (SELECT ${erase.key} FROM ${table} WHERE ${holds} LIMIT ${BATCH})`;
    let erased = 0;
    for (let rows = BATCH; rows === BATCH; ) {
      rows = await asEraser(db, async () => (await db.query(text, [number[spelling]])).rowCount ?? 0);
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
