import { createHash } from 'node:crypto';
import type { Transaction } from '../src/domain/transaction.ts';

/** A rejected row moves nothing, a posted one nothing or its amount. The model decides the direction. */
const isPossible = ({ status, amount, balanceEffect: effect }: Transaction): boolean =>
  effect === 0n || (status === 'posted' && (effect === amount || effect === -amount));

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

const fields = (t: Transaction): unknown[] => [
  'b2b-charge/1',
  ...[t.vendorId, t.seq, t.id, t.type, t.status, t.reason, t.amount, t.balanceEffect, t.heldEffect],
  ...[
    t.balanceBefore,
    t.balanceAfter,
    t.heldBefore,
    t.heldAfter,
    t.phoneCommitment,
    t.messageId,
    t.fingerprint,
  ],
  ...[t.principal, t.source, t.reference, t.resolves, t.operator, t.livemode, t.details && sha256(t.details)],
  ...[t.stream, t.streamEpoch, t.streamSeq, t.streamIndex, t.businessDay],
  ...[new Date(t.createdAtMs).toISOString(), t.previousHash],
];

const hashOf = (t: Transaction): string =>
  sha256(
    fields(t)
      .map((field) => String(field ?? ''))
      .join('\n'),
  );

/** True if the commitment opens to the row's number, or the number was erased, or there is none. */
const isOpenedBy = ({ phoneNumber, phoneSalt, phoneCommitment }: Transaction): boolean =>
  phoneNumber === null
    ? phoneSalt === null
    : phoneCommitment === sha256(Buffer.concat([Buffer.from(phoneSalt!, 'hex'), Buffer.from(phoneNumber)]));

/** The names of the invariants that a new link of a chain breaks. */
export function brokenBy(row: Transaction, previous: Transaction | undefined): string[] {
  const broken: string[] = [];
  const holds = (invariant: string, kept: boolean) => {
    if (!kept) broken.push(`${invariant}: transaction ${row.seq} of vendor ${row.vendorId}`);
  };
  holds('no-overdraft', row.balanceAfter >= 0n && row.balanceBefore >= 0n);
  holds('conservation', row.balanceAfter === row.balanceBefore + row.balanceEffect && isPossible(row));
  holds('holds', row.heldAfter === row.heldBefore + row.heldEffect && row.heldAfter <= row.balanceAfter);
  holds('holds, link', row.heldBefore === (previous?.heldAfter ?? 0n));
  holds('phone', isOpenedBy(row));
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
