import { addSums, type DecisionState, GENESIS, type Head, NO_ROWS, type SpanSums } from '../domain/books.ts';
import { finding, type NewFinding } from '../domain/finding.ts';
import { judgeVendor } from '../domain/judge-vendor.ts';
import { decideAgain } from './decisions.ts';
import { readDefects } from './read-defects.ts';
import { readSpans, type Span } from './read-spans.ts';
import type { VendorEntry } from './read-vendors.ts';
import type { Reader } from './snapshot.ts';

/** What the audit of one vendor's books came to. */
export interface VendorResult {
  readonly vendorId: number;
  readonly name: string;
  readonly stored: bigint;
  readonly calculated: bigint;
  readonly rows: number;
  /** Rows whose phone number was erased. */
  readonly erased: number;
  /** Rows whose command should stand in the part of the log that is compared. */
  readonly inLog: number;
  /** Rows that claim a place in the log which an earlier audit had already compared. */
  readonly backdated: number;
  /** The number of its last transaction. */
  readonly seq: number;
  /** What to vouch for if nothing but a copy is wrong. */
  readonly head: Head;
  readonly previous: Head | null;
  readonly findings: readonly NewFinding[];
}

/** The part of the command log that this run compares, as one vendor's lane has it. */
export interface LogPart {
  readonly streamEpoch: number;
  /** What stands up to here is out of the comparison: trimmed, or compared before. */
  readonly afterSeq: number;
  /** Whether an earlier audit has compared it: then no new row may name a place in it. */
  readonly comparedBefore: boolean;
}

export interface PageOptions {
  /** From the first transaction, whatever was audited before. */
  readonly full: boolean;
  readonly timeZone: string;
  readonly minorLimit: bigint;
  readonly logPartOf: (vendorId: number) => LogPart;
}

/** Rows that one statement goes through: its length is what a stop or a failure costs. */
const ROWS_PER_QUERY = 50_000;

/** Audits the books of a page of vendors. */
export async function auditPage(
  reader: Reader,
  entries: readonly VendorEntry[],
  options: PageOptions,
): Promise<VendorResult[]> {
  const spans = new Map(entries.map((entry) => [entry.stored.vendorId, spansOf(entry, options)]));
  const sums = new Map<number, SpanSums>();
  const states = new Map(entries.map((entry) => [entry.stored.vendorId, stateBefore(entry, options.full)]));
  const decisions = new Map<number, NewFinding[]>();
  // No batch has two spans of one vendor, because each but its last fills a batch. So its state is known in time.
  for (const batch of batches([...spans.values()].flat())) {
    for (const one of await readSpans(reader, batch, options.timeZone)) {
      sums.set(one.vendorId, addSums(sums.get(one.vendorId) ?? NO_ROWS, one.sums));
    }
    for (const { vendorId, state, findings } of await decideAgain(reader, batch, states, options.timeZone)) {
      states.set(vendorId, state);
      decisions.set(vendorId, [...(decisions.get(vendorId) ?? []), ...findings]);
    }
  }
  const results: VendorResult[] = [];
  for (const entry of entries) {
    const { vendorId } = entry.stored;
    const own = sums.get(vendorId) ?? NO_ROWS;
    const defects: NewFinding[] = [...(decisions.get(vendorId) ?? [])];
    if (own.defects > 0) {
      for (const span of spans.get(vendorId)!) defects.push(...(await readDefects(reader, span)));
    }
    results.push(resultOf(entry, own, { defects, state: states.get(vendorId)! }, options));
  }
  return results;
}

const fromOf = (entry: VendorEntry, full: boolean): Head => (full ? GENESIS : (entry.head ?? GENESIS));

function stateBefore(entry: VendorEntry, full: boolean): DecisionState {
  const { status, dailyLimit, chargedDay: day, charged } = fromOf(entry, full);
  return { status, dailyLimit, day, charged };
}

function spansOf(entry: VendorEntry, options: PageOptions): Span[] {
  const { stored, last } = entry;
  const from = fromOf(entry, options.full).seq;
  const end = last?.seq ?? 0;
  if (end <= from) return [];
  const { streamEpoch, afterSeq } = options.logPartOf(stored.vendorId);
  const spans: Span[] = [];
  for (let begin = from; begin < end; begin += ROWS_PER_QUERY) {
    spans.push({
      vendorId: stored.vendorId,
      fromSeq: begin,
      toSeq: Math.min(begin + ROWS_PER_QUERY, end),
      businessDay: stored.businessDay,
      streamEpoch,
      afterStreamSeq: afterSeq,
    });
  }
  return spans;
}

/** Spans of different vendors together, up to the size of a query. */
function* batches(spans: readonly Span[]): Generator<Span[]> {
  let batch: Span[] = [];
  let rows = 0;
  for (const span of spans) {
    const size = span.toSeq - span.fromSeq;
    if (batch.length > 0 && rows + size > ROWS_PER_QUERY) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(span);
    rows += size;
  }
  if (batch.length > 0) yield batch;
}

function resultOf(
  entry: VendorEntry,
  sums: SpanSums,
  { defects, state }: { defects: NewFinding[]; state: DecisionState },
  options: PageOptions,
): VendorResult {
  const { stored, last } = entry;
  const from = fromOf(entry, options.full);
  const verdict = judgeVendor({ stored, last, from, sums, state, minorLimit: options.minorLimit });
  return {
    vendorId: stored.vendorId,
    name: stored.name,
    stored: stored.balance,
    calculated: verdict.calculated,
    rows: sums.rows,
    erased: sums.erased,
    inLog: sums.inLog,
    backdated: sums.backdated,
    seq: last?.seq ?? 0,
    head: verdict.head,
    previous: entry.head,
    findings: [...compareWithHead(entry), ...defects, ...verdict.findings],
  };
}

/** What an earlier audit vouched for must still be there, unchanged. */
function compareWithHead({ stored, head, anchor }: VendorEntry): NewFinding[] {
  if (!head || (anchor && anchor.hash === head.hash && anchor.balanceAfter === head.balance)) return [];
  return [
    finding({
      check: 'append-only',
      message: anchor
        ? `transaction ${head.seq} is not the one that was audited before: history was rewritten`
        : `transaction ${head.seq}, audited before, is gone`,
      vendorId: stored.vendorId,
      seq: head.seq,
      expected: head.hash,
      found: anchor?.hash ?? 'nothing',
    }),
  ];
}
