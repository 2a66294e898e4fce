import {
  type DeadLetterReason,
  type Money,
  parseTransactionId,
  type VendorId,
  ZERO,
} from '@b2b-charge/contracts';
import type { Command, LogEntry } from './command.ts';
import type { Recalculation } from './commands/rebuild.ts';
import type { Original } from './commands/reverse.ts';
import { type Decision, decide } from './decide.ts';
import type { Transaction } from './transaction.ts';
import type { VendorState } from './vendor-state.ts';

/** `chargedToday` is of the day of the vendor's last transaction: no clock has a say in it. */
export type DatedRecalculation = Recalculation & { readonly businessDay: string };

/** What the database knew when the batch began. */
export interface BatchKnowledge {
  readonly nowMs: number;
  readonly vendors: ReadonlyMap<VendorId, VendorState>;
  /** By keyOf(vendor, message id). */
  readonly known: ReadonlyMap<string, Transaction>;
  /** By transaction id: what the batch's reversals name, and whether it was reversed already. */
  readonly originals: ReadonlyMap<string, Original>;
  /** For the vendors that the batch rebuilds; as of the beginning of the batch. */
  readonly recalculations: ReadonlyMap<VendorId, DatedRecalculation>;
  /**
   * By placeOf(entry): what became a dead letter when the log was read before its rollback. Its sender was told so, and
   * it stays dead, though a vendor may have been opened since.
   */
  readonly buried: ReadonlyMap<string, { readonly reason: DeadLetterReason; readonly detail: string }>;
}

export interface DecidedBatch {
  /** One per entry, in order. */
  readonly decisions: readonly Decision[];
  readonly transactions: readonly Transaction[];
  /** The last state of every vendor that got a new link. */
  readonly vendors: ReadonlyMap<VendorId, VendorState>;
}

export const placeOf = (entry: Pick<LogEntry, 'lane' | 'streamSeq'>): string =>
  `${entry.lane} ${entry.streamSeq}`;
export const keyOf = (vendorId: VendorId, messageId: string): string => `${vendorId}\n${messageId}`;

/** Folds `decide` over a batch: each command sees what the ones before it did. Pure. */
export function decideBatch(
  entries: readonly LogEntry[],
  knowledge: BatchKnowledge,
  timeZone: string,
): DecidedBatch {
  const fold = new Fold(knowledge, timeZone);
  const decisions = entries.map((entry) => fold.decide(entry));
  return { decisions, transactions: fold.transactions, vendors: fold.vendors };
}

/** The types of rows that the daily limit counts. */
const COUNTED: ReadonlySet<string> = new Set(['charge', 'reversal']);

class Fold {
  readonly transactions: Transaction[] = [];
  readonly vendors = new Map<VendorId, VendorState>();
  readonly #knowledge: BatchKnowledge;
  readonly #timeZone: string;
  /** What this batch recorded, by key, and by id what it may reverse or has reversed. */
  readonly #recorded = new Map<string, Transaction>();
  readonly #byId = new Map<string, Transaction>();
  readonly #reversed = new Set<string>();

  constructor(knowledge: BatchKnowledge, timeZone: string) {
    this.#knowledge = knowledge;
    this.#timeZone = timeZone;
  }

  decide(entry: LogEntry): Decision {
    const buried = this.#knowledge.buried.size > 0 && this.#knowledge.buried.get(placeOf(entry));
    if (buried) return { kind: 'dead', ...buried, again: true };
    if (entry.kind === 'unreadable') return { kind: 'dead', reason: entry.reason, detail: entry.detail };
    const key = keyOf(entry.vendorId, entry.messageId);
    const state = this.vendors.get(entry.vendorId) ?? this.#knowledge.vendors.get(entry.vendorId);
    const decision = decide(state, entry, {
      nowMs: entry.asOfMs ?? this.#knowledge.nowMs,
      timeZone: this.#timeZone,
      known: this.#recorded.get(key) ?? this.#knowledge.known.get(key),
      original: (command) => this.#original(command),
      recalculation: (command, day) => this.#recalculation(command, day),
    });
    if (decision.kind === 'recorded') this.#evolve(key, decision.transaction, decision.state);
    return decision;
  }

  #evolve(key: string, transaction: Transaction, state: VendorState): void {
    this.transactions.push(transaction);
    this.vendors.set(transaction.vendorId, state);
    this.#recorded.set(key, transaction);
    this.#byId.set(transaction.id, transaction);
    if (transaction.type === 'reversal' && transaction.status === 'posted')
      this.#reversed.add(transaction.resolves!);
  }

  #original(command: Command): Original {
    if (command.request.type !== 'reverse') throw new TypeError('only a reversal has an original');
    const place = parseTransactionId(command.request.transaction_id);
    if (place?.vendorId !== command.vendorId) return { transaction: undefined, reversed: false };
    const before = this.#knowledge.originals.get(place.id);
    const transaction = this.#byId.get(place.id) ?? before?.transaction;
    return { transaction, reversed: this.#reversed.has(place.id) || before?.reversed === true };
  }

  /** The sums from the database, moved on by what this batch has done to the vendor so far. */
  #recalculation(command: Command, day: string): Recalculation {
    const sums = this.#knowledge.recalculations.get(command.vendorId);
    let balance: bigint = sums?.balance ?? ZERO;
    let chargedToday: bigint = sums?.businessDay === day ? sums.chargedToday : ZERO;
    for (const row of this.transactions) {
      if (row.vendorId !== command.vendorId || row.status !== 'posted') continue;
      balance += row.balanceEffect;
      // The limit counts a row on the day of the charge: its own, or that of the charge it reverses.
      const counted = row.resolves === null ? row : this.#resolved(row);
      if (COUNTED.has(row.type) && counted.businessDay === day) chargedToday -= row.balanceEffect;
    }
    // Whatever the row said, this batch has overwritten it if it has moved the vendor.
    const storedBalance = this.vendors.get(command.vendorId)?.balance ?? sums?.storedBalance ?? ZERO;
    return { storedBalance, balance: balance as Money, chargedToday: chargedToday as Money };
  }

  #resolved({ resolves }: Transaction): Transaction {
    return (this.#byId.get(resolves!) ?? this.#knowledge.originals.get(resolves!)?.transaction)!;
  }
}
