import { businessDay, type DeadLetterReason, type Money, transactionId, ZERO } from '@b2b-charge/contracts';
import type { Command } from './command.ts';
import { charge } from './commands/charge.ts';
import { credit } from './commands/credit.ts';
import { openVendor } from './commands/open-vendor.ts';
import { type Recalculation, rebuild } from './commands/rebuild.ts';
import { type Original, reverse } from './commands/reverse.ts';
import { updateVendor } from './commands/update-vendor.ts';
import type { Ruling } from './ruling.ts';
import { sealTransaction, type Transaction } from './transaction.ts';
import { unopened, type VendorState } from './vendor-state.ts';

/** What a decision may look at besides the state and the command. */
export interface Circumstances {
  /** The database's clock after the lane was locked, ms. */
  readonly nowMs: number;
  readonly timeZone: string;
  /** The transaction that holds the command's message id, if one does. */
  readonly known: Transaction | undefined;
  /** For `reverse`. */
  original(command: Command): Original;
  /** For `rebuild`: the sums, with what was charged on the given business day. */
  recalculation(command: Command, businessDay: string): Recalculation;
}

export type Decision =
  /** A new link of the chain: posted or rejected. */
  | { readonly kind: 'recorded'; readonly transaction: Transaction; readonly state: VendorState }
  /** The key's first outcome, again. */
  | { readonly kind: 'replayed'; readonly transaction: Transaction }
  /** The key belongs to another request. Leaves no row: the first outcome stands. */
  | { readonly kind: 'key-reused'; readonly first: Transaction }
  /** Too late: nothing was done, and the key stays free. */
  | { readonly kind: 'expired'; readonly expiresAtMs: number }
  | {
      readonly kind: 'dead';
      readonly reason: DeadLetterReason;
      readonly detail: string;
      /** It was buried before the log was rolled back, and is not buried twice. */
      readonly again?: true;
    };

/** Decides one command. Pure: the clock, the known outcome and the history it needs come in. */
export function decide(state: VendorState | undefined, command: Command, around: Circumstances): Decision {
  const { known, nowMs } = around;
  if (known) {
    return known.fingerprint === command.fingerprint
      ? { kind: 'replayed', transaction: known }
      : { kind: 'key-reused', first: known };
  }
  if (command.expiresAtMs !== null && nowMs >= command.expiresAtMs) {
    return { kind: 'expired', expiresAtMs: command.expiresAtMs };
  }
  if (!state && command.request.type !== 'open-vendor') {
    return { kind: 'dead', reason: 'UNKNOWN_VENDOR', detail: `there is no vendor ${command.vendorId}` };
  }
  const today = onDay(state ?? unopened(command.vendorId), nowMs, around.timeZone);
  return record(today, command, rule(today, command, around));
}

/** The state with its clock moved on: a new business day begins with nothing charged. Time never goes back. */
function onDay(state: VendorState, nowMs: number, timeZone: string): VendorState {
  const updatedAtMs = Math.max(nowMs, state.updatedAtMs);
  const day = businessDay(updatedAtMs, timeZone);
  if (day <= state.businessDay) return { ...state, updatedAtMs };
  return { ...state, updatedAtMs, businessDay: day, chargedToday: ZERO };
}

function rule(state: VendorState, command: Command, around: Circumstances): Ruling {
  const { request } = command;
  switch (request.type) {
    case 'charge':
      return charge(state, request);
    case 'credit':
      return credit(state, request);
    case 'reverse':
      return reverse(state, request, around.original(command), around.timeZone);
    case 'rebuild':
      return rebuild(state, request, around.recalculation(command, state.businessDay));
    case 'open-vendor':
      return openVendor(state, request);
    case 'update-vendor': {
      const { type: _, ...body } = request;
      return updateVendor(body);
    }
  }
}

/** Numbers, times and hashes the ruling, and moves the state to it. */
function record(state: VendorState, command: Command, ruling: Ruling): Decision {
  const seq = state.seq + 1;
  const createdAtMs = state.updatedAtMs;
  const balance = (state.balance + ruling.delta) as Money;
  const transaction = sealTransaction({
    vendorId: state.vendorId,
    seq,
    id: transactionId({ vendorId: state.vendorId, seq, createdAtMs }),
    type: ruling.type,
    status: ruling.reason === null ? 'approved' : 'rejected',
    reason: ruling.reason,
    amount: ruling.amount,
    phoneNumber: ruling.phoneNumber ?? null,
    balanceBefore: state.balance,
    balanceAfter: balance,
    messageId: command.messageId,
    fingerprint: command.fingerprint,
    source: command.source,
    streamEpoch: command.streamEpoch,
    streamSeq: command.streamSeq,
    reversalOf: ruling.reversalOf ?? null,
    details: ruling.details ? JSON.stringify(ruling.details) : null,
    createdAtMs,
    previousHash: state.headHash,
  });
  const openedAtMs = state.seq === 0 ? createdAtMs : state.openedAtMs;
  return {
    kind: 'recorded',
    transaction,
    state: { ...state, ...ruling.change, balance, seq, headHash: transaction.hash, openedAtMs },
  };
}
