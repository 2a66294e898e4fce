import type { SpanSums } from '../domain/books.ts';
import { ANY_DEFECT, LINKED_ROWS } from './row-checks.ts';
import type { Reader } from './snapshot.ts';

/** A stretch of one vendor's chain: the rows after `fromSeq` up to `toSeq`. */
export interface Span {
  readonly vendorId: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** The day whose charges are summed up. */
  readonly businessDay: string;
  /** The part of the command log that is compared: what this vendor's rows in it must match. */
  readonly streamEpoch: number;
  readonly afterStreamSeq: number;
}

/** A reversal's charge by the time in its id: the first 48 bits are milliseconds. */
export const TIME_OF_REVERSED = `to_timestamp((('x' || left(replace(resolves::text, '-', ''), 12))::bit(48)::bigint) / 1000.0)`;

const SQL = `SELECT s.vendor_id, sums.* FROM (
    SELECT vendor_id, from_seq, to_seq, stream_epoch, after_stream_seq,
      business_day::timestamp AT TIME ZONE $7 AS day_begins,
      (business_day + 1)::timestamp AT TIME ZONE $7 AS day_ends
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::date[], $5::int[], $6::bigint[])
      AS span (vendor_id, from_seq, to_seq, business_day, stream_epoch, after_stream_seq)
  ) s CROSS JOIN LATERAL (
    SELECT count(*) AS rows,
      coalesce(sum(balance_effect) FILTER (WHERE balance_effect > 0), 0) AS added,
      coalesce(-sum(balance_effect) FILTER (WHERE balance_effect < 0), 0) AS taken,
      coalesce(sum(held_effect), 0) AS held,
      coalesce(-sum(balance_effect) FILTER (WHERE type IN ('charge', 'reversal')
        AND created_at >= s.day_begins AND created_at < s.day_ends
        AND (resolves IS NULL OR ${TIME_OF_REVERSED} >= s.day_begins)), 0) AS charged_on_day,
      count(*) FILTER (WHERE phone_commitment IS NOT NULL AND phone_number IS NULL) AS erased,
      count(*) FILTER (WHERE ${ANY_DEFECT}) AS defects,
      count(*) FILTER (WHERE x.stream_epoch = s.stream_epoch AND stream_seq > s.after_stream_seq) AS in_log,
      count(*) FILTER (WHERE x.stream_epoch = s.stream_epoch AND stream_seq <= s.after_stream_seq) AS backdated
    FROM (${LINKED_ROWS}) x WHERE seq > s.from_seq
  ) sums`;

interface SumsRow {
  vendor_id: number;
  rows: string;
  added: string;
  taken: string;
  held: string;
  erased: string;
  charged_on_day: string;
  defects: string;
  in_log: string;
  backdated: string;
}

/** Adds up and checks each span's rows, inside the database: only the sums travel. One row per span, in any order. */
export async function readSpans(
  reader: Reader,
  spans: readonly Span[],
  timeZone: string,
): Promise<{ vendorId: number; sums: SpanSums }[]> {
  if (spans.length === 0) return [];
  const rows = await reader.query<SumsRow>(SQL, [
    spans.map((span) => span.vendorId),
    spans.map((span) => span.fromSeq),
    spans.map((span) => span.toSeq),
    spans.map((span) => span.businessDay),
    spans.map((span) => span.streamEpoch),
    spans.map((span) => span.afterStreamSeq),
    timeZone,
  ]);
  return rows.map((row) => ({
    vendorId: row.vendor_id,
    sums: {
      rows: Number(row.rows),
      added: BigInt(row.added),
      taken: BigInt(row.taken),
      held: BigInt(row.held),
      erased: Number(row.erased),
      chargedOnDay: BigInt(row.charged_on_day),
      defects: Number(row.defects),
      inLog: Number(row.in_log),
      backdated: Number(row.backdated),
    },
  }));
}
