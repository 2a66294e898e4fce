import {
  businessDay,
  canonicalJson,
  type DeadLetterReason,
  type Money,
  phoneCommitment,
  transactionId,
  ZERO,
} from '@b2b-charge/contracts';
import type { Command } from './command.ts';
import { charge } from './commands/charge.ts';
import { credit } from './commands/credit.ts';
import { openVendor } from './commands/open-vendor.ts';
import { type Recalculation, rebuild } from './commands/rebuild.ts';
import { type Original, reverse } from './commands/reverse.ts';
import { updateVendor } from './commands/update-vendor.ts';
import type { Effect } from './effect.ts';
import { isRepeatOf } from './is-repeat-of.ts';
import { sealTransaction, type Transaction } from './transaction.ts';
import { unopened, type VendorState } from './vendor-state.ts';

/** The facts that a decision needs besides the state and the command. */
export interface DecisionContext {
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
      /** It was dead-lettered before the log was rolled back, and is not dead-lettered twice. */
      readonly again?: true;
    };

/** There is one command stream, and a message holds one command. */
const COMMAND_STREAM = 0;

/** Decides one command. Pure: the clock, the known outcome and the history it needs come in. */
export function decide(state: VendorState | undefined, command: Command, context: DecisionContext): Decision {
  const { known, nowMs } = context;
  if (known) {
    return isRepeatOf(known, command.request)
      ? { kind: 'replayed', transaction: known }
      : { kind: 'key-reused', first: known };
  }
  if (command.expiresAtMs !== null && nowMs >= command.expiresAtMs) {
    return { kind: 'expired', expiresAtMs: command.expiresAtMs };
  }
  if (!state && command.request.type !== 'open-vendor') {
    return { kind: 'dead', reason: 'UNKNOWN_VENDOR', detail: `there is no vendor ${command.vendorId}` };
  }
  const today = onDay(state ?? unopened(command.vendorId), nowMs, context.timeZone);
  return record(today, command, effectOf(today, command, context));
}

/** The state with its clock moved on: a new business day begins with nothing charged. Time never goes back. */
function onDay(state: VendorState, nowMs: number, timeZone: string): VendorState {
  const updatedAtMs = Math.max(nowMs, state.updatedAtMs);
  const day = businessDay(updatedAtMs, timeZone);
  if (day <= state.businessDay) return { ...state, updatedAtMs };
  return { ...state, updatedAtMs, businessDay: day, chargedToday: ZERO };
}

function effectOf(state: VendorState, command: Command, context: DecisionContext): Effect {
  const { request } = command;
  switch (request.type) {
    case 'charge':
      return charge(state, request);
    case 'credit':
      return credit(state, request);
    case 'reverse':
      return reverse(state, request, context.original(command));
    case 'rebuild':
      return rebuild(state, request, context.recalculation(command, state.businessDay));
    case 'open-vendor':
      return openVendor(state, request);
    case 'update-vendor': {
      const { type: _, ...body } = request;
      return updateVendor(body);
    }
  }
}

/** Numbers, times and hashes the row of an effect, and moves the state to it. */
function record(state: VendorState, command: Command, effect: Effect): Decision {
  const seq = state.seq + 1;
  const createdAtMs = state.updatedAtMs;
  const balance = (state.balance + effect.balance) as Money;
  const held = (state.held + effect.held) as Money;
  const phoneNumber = effect.phoneNumber ?? null;
  const phoneSalt = phoneNumber === null ? null : command.phoneSalt!;
  const change = effect.change;
  const transaction = sealTransaction({
    vendorId: state.vendorId,
    seq,
    id: transactionId({ vendorId: state.vendorId, seq, createdAtMs }),
    type: effect.type,
    status: effect.reason === null ? 'posted' : 'rejected',
    reason: effect.reason,
    amount: effect.amount,
    balanceEffect: effect.balance,
    heldEffect: effect.held,
    balanceBefore: state.balance,
    balanceAfter: balance,
    heldBefore: state.held,
    heldAfter: held,
    phoneNumber,
    phoneSalt,
    phoneCommitment: phoneNumber === null ? null : phoneCommitment(phoneSalt!, phoneNumber),
    messageId: command.messageId,
    fingerprint: command.fingerprint,
    principal: command.principal,
    source: command.source,
    reference: effect.reference ?? null,
    resolves: effect.resolves ?? null,
    operator: null,
    livemode: change?.livemode ?? state.livemode,
    details: effect.details ? canonicalJson(effect.details) : null,
    stream: COMMAND_STREAM,
    streamEpoch: command.streamEpoch,
    streamSeq: command.streamSeq,
    streamIndex: 0,
    businessDay: state.businessDay,
    createdAtMs,
    previousHash: state.headHash,
  });
  const openedAtMs = state.seq === 0 ? createdAtMs : state.openedAtMs;
  return {
    kind: 'recorded',
    transaction,
    state: { ...state, ...change, balance, held, seq, headHash: transaction.hash, openedAtMs },
  };
}
