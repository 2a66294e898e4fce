import type { DecisionState } from '../domain/books.ts';
import { finding, type NewFinding } from '../domain/finding.ts';
import type { Span } from './read-spans.ts';
import { TIME_OF_REVERSED } from './read-spans.ts';
import type { Reader } from './snapshot.ts';

/** The largest amount and balance, minor units (docs/ledger.md). */
const LARGEST = '999999999999999';

/** Decisions of one span that are described; their number stands in the report anyway. */
const DESCRIBED = 20;

/**
 * The settings that a row leaves behind. Details are canonical JSON: names in the order of the alphabet, no blanks. Other
 * text sets nothing here, and the command log shows that the command had asked for more.
 */
const STATUS_SET = `CASE WHEN type = 'update-vendor' AND status = 'posted'
  THEN substring(details from '[{,]"status":"(active|suspended)"[}]$') END`;
const LIMIT_SET = `CASE WHEN type IN ('open-vendor', 'update-vendor') AND status = 'posted'
  THEN substring(details from '^[{]"daily_limit":(null|"[0-9]{1,13}([.][0-9]{1,2})?")[,}]') END`;

/** The last value that is not null, by the largest row number before it. */
const LAST = (value: string) => `max(lpad(seq::text, 19, '0') || ${value} COLLATE "C")`;
const MINOR_UNITS = (text: string) =>
  `CASE WHEN ${text} <> 'null' THEN (trim('"' from ${text})::numeric * 100)::bigint END`;

/** Null: posted. Reversals are decided in check-reversals.ts, because they depend on another row. */
const REASON = `CASE type
  WHEN 'charge' THEN CASE WHEN was_status <> 'active' THEN 'VENDOR_INACTIVE'
    WHEN amount > balance_before - held_before THEN 'INSUFFICIENT_BALANCE'
    WHEN charged + amount > was_limit THEN 'DAILY_LIMIT_EXCEEDED' END
  WHEN 'credit' THEN CASE WHEN balance_before + amount > ${LARGEST} THEN 'BALANCE_LIMIT_EXCEEDED' END
  WHEN 'open-vendor' THEN CASE WHEN seq > 1 THEN 'VENDOR_EXISTS' END
  WHEN 'update-vendor' THEN NULL
  ELSE reason END`;

const SQL = `SELECT s.vendor_id, decided.* FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[],
    $6::date[], $7::bigint[]) AS s (vendor_id, from_seq, to_seq, status, daily_limit, day, charged)
  CROSS JOIN LATERAL (
    SELECT max(next_status) FILTER (WHERE seq = s.to_seq) AS status, max(next_limit) FILTER (WHERE seq = s.to_seq) AS daily_limit,
      max(business_day) FILTER (WHERE seq = s.to_seq)::text AS day,
      max(charged + counted) FILTER (WHERE seq = s.to_seq) AS charged,
      (array_agg(jsonb_build_object('seq', seq, 'id', id, 'type', type, 'reason', reason, 'expected', expected,
          'was', concat_ws(' ', was_status, 'limit', coalesce(was_limit::text, 'none'), 'charged', charged), 'day', business_day,
          'own_day', own_day) ORDER BY seq)
        FILTER (WHERE reason IS DISTINCT FROM expected OR business_day <> own_day))[1:${DESCRIBED}] AS wrong
    FROM (
      SELECT *, ${REASON} AS expected FROM (
        SELECT *, coalesce(substr(status_set, 20), s.status) AS next_status,
          CASE WHEN limit_set IS NULL THEN s.daily_limit ELSE ${MINOR_UNITS('substr(limit_set, 20)')} END AS next_limit,
          coalesce(substr(status_before, 20), s.status) AS was_status,
          CASE WHEN limit_before IS NULL THEN s.daily_limit ELSE ${MINOR_UNITS('substr(limit_before, 20)')} END AS was_limit,
          coalesce(charged_before, 0) + CASE WHEN business_day = s.day THEN s.charged ELSE 0 END AS charged
        FROM (
          SELECT seq, id, type, amount, reason, business_day, balance_before, held_before, own_day, counted,
            ${LAST('new_status')} OVER upto AS status_set, ${LAST('new_limit')} OVER upto AS limit_set,
            ${LAST('new_status')} OVER before AS status_before, ${LAST('new_limit')} OVER before AS limit_before,
            sum(counted) OVER (PARTITION BY business_day ORDER BY seq
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS charged_before
          FROM (
            SELECT seq, id, type, amount, reason, business_day, balance_before, held_before,
              (created_at AT TIME ZONE $8)::date AS own_day, ${STATUS_SET} AS new_status, ${LIMIT_SET} AS new_limit,
              CASE WHEN type = 'charge' OR type = 'reversal'
                  AND ${TIME_OF_REVERSED} >= business_day::timestamp AT TIME ZONE $8
                THEN -balance_effect ELSE 0 END AS counted
            FROM ledger.transactions t
            WHERE t.vendor_id = s.vendor_id AND t.seq > s.from_seq AND t.seq <= s.to_seq
          ) own
          WINDOW upto AS (ORDER BY seq ROWS UNBOUNDED PRECEDING),
            before AS (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) told
      ) known
    ) expected
  ) decided`;

interface WrongRow {
  seq: number;
  id: string;
  type: string;
  reason: string | null;
  expected: string | null;
  was: string;
  day: string;
  own_day: string;
}

interface Row {
  vendor_id: number;
  status: string | null;
  daily_limit: string | null;
  day: string | null;
  charged: string | null;
  wrong: WrongRow[] | null;
}

export interface SpanDecisions {
  readonly vendorId: number;
  /** After the span's last row. */
  readonly state: DecisionState;
  readonly findings: readonly NewFinding[];
}

/**
 * Decides every row of the spans again, by the auditor's own rules: from the balance that the row itself carries, and from
 * status, limit and the day's charges, which follow from the rows before it. `states` holds each vendor's state before its
 * span. A span without rows has no result.
 */
export async function decideAgain(
  reader: Reader,
  spans: readonly Span[],
  states: ReadonlyMap<number, DecisionState>,
  timeZone: string,
): Promise<SpanDecisions[]> {
  const before = spans.map((span) => states.get(span.vendorId)!);
  const rows = await reader.query<Row>(SQL, [
    spans.map((span) => span.vendorId),
    spans.map((span) => span.fromSeq),
    spans.map((span) => span.toSeq),
    before.map((state) => state.status),
    before.map((state) => state.dailyLimit),
    before.map((state) => state.day),
    before.map((state) => state.charged),
    timeZone,
  ]);
  return rows.flatMap((row) =>
    row.day === null
      ? []
      : [
          {
            vendorId: row.vendor_id,
            state: {
              status: row.status!,
              dailyLimit: row.daily_limit === null ? null : BigInt(row.daily_limit),
              day: row.day,
              charged: BigInt(row.charged!),
            },
            findings: (row.wrong ?? []).map((wrong) => describe(row.vendor_id, wrong)),
          },
        ],
  );
}

const outcomeOf = (reason: string | null): string => (reason === null ? 'posted' : `rejected, ${reason}`);

function describe(vendorId: number, row: WrongRow): NewFinding {
  const place = { check: 'conservation', vendorId, seq: row.seq, transactionId: row.id } as const;
  if (row.day !== row.own_day)
    return finding({
      ...place,
      message: 'the business day is not the day of the time at which the row was decided',
      expected: row.own_day,
      found: row.day,
    });
  return finding({
    ...place,
    message: `decided again, this ${row.type} has another outcome (${row.was})`,
    expected: outcomeOf(row.expected),
    found: outcomeOf(row.reason),
  });
}
