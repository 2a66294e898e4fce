import { createHash } from 'node:crypto';
import type { Transaction } from '../src/domain/transaction.ts';

/** What a link does to the balance, by its own account. */
function effect({ type, status, amount }: Transaction): bigint {
  if (status === 'rejected') return 0n;
  if (type === 'charge') return -amount;
  return type === 'credit' || type === 'reversal' ? amount : 0n;
}

const fields = (t: Transaction): unknown[] => [
  'v1',
  ...[t.vendorId, t.seq, t.id, t.type, t.status, t.reason, t.amount, t.phoneNumber, t.balanceBefore],
  ...[t.balanceAfter, t.messageId, t.fingerprint, t.source, t.streamEpoch, t.streamSeq, t.reversalOf],
  ...[t.details, t.createdAtMs, t.previousHash],
];

const hashOf = (t: Transaction): string =>
  createHash('sha256')
    .update(
      fields(t)
        .map((field) => String(field ?? ''))
        .join('\n'),
    )
    .digest('hex');

/** The names of the invariants that a new link of a chain breaks. */
export function brokenBy(row: Transaction, previous: Transaction | undefined): string[] {
  const broken: string[] = [];
  const holds = (invariant: string, kept: boolean) => {
    if (!kept) broken.push(`${invariant}: transaction ${row.seq} of vendor ${row.vendorId}`);
  };
  holds('no-overdraft', row.balanceAfter >= 0n && row.balanceBefore >= 0n);
  holds('conservation', row.balanceAfter === row.balanceBefore + effect(row));
  holds('chain, numbers', row.seq === (previous?.seq ?? 0) + 1);
  holds('chain, balance', row.balanceBefore === (previous?.balanceAfter ?? 0n));
  holds('chain, link', row.previousHash === (previous?.hash ?? '0'.repeat(64)));
  holds('chain, hash', row.hash === hashOf(row));
  holds('chain, time', row.createdAtMs >= (previous?.createdAtMs ?? 0));
  holds('serial', !previous || isAfter(row, previous));
  return broken;
}

/** Along a chain the places in the log rise; a rolled back log begins a new epoch. */
const isAfter = (row: Transaction, previous: Transaction): boolean =>
  row.streamEpoch === previous.streamEpoch
    ? row.streamSeq > previous.streamSeq
    : row.streamEpoch > previous.streamEpoch;
