import { businessDay, type Money, parseTransactionId, type VendorId, ZERO } from '@b2b-charge/contracts';
import type { Command, LogEntry } from './command.ts';
import type { Recalculation } from './commands/rebuild.ts';
import type { Original } from './commands/reverse.ts';
import { type Decision, decide } from './decide.ts';
import type { Transaction } from './transaction.ts';
import type { VendorState } from './vendor-state.ts';

/** What the database knew when the batch began. */
export interface BatchKnowledge {
  readonly nowMs: number;
  readonly vendors: ReadonlyMap<VendorId, VendorState>;
  /** By keyOf(vendor, message id). */
  readonly known: ReadonlyMap<string, Transaction>;
  /** By transaction id: what the batch's reversals name, and whether it was reversed already. */
  readonly originals: ReadonlyMap<string, Original>;
  /** For the vendors that the batch rebuilds; as of the beginning of the batch. */
  readonly recalculations: ReadonlyMap<VendorId, Recalculation>;
}

export interface DecidedBatch {
  /** One per entry, in order. */
  readonly decisions: readonly Decision[];
  readonly transactions: readonly Transaction[];
  /** The last state of every vendor that got a new link. */
  readonly vendors: ReadonlyMap<VendorId, VendorState>;
}

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
    if (entry.kind === 'unreadable') return { kind: 'dead', reason: entry.reason, detail: entry.detail };
    const key = keyOf(entry.vendorId, entry.messageId);
    const state = this.vendors.get(entry.vendorId) ?? this.#knowledge.vendors.get(entry.vendorId);
    const decision = decide(state, entry, {
      nowMs: this.#knowledge.nowMs,
      timeZone: this.#timeZone,
      known: this.#recorded.get(key) ?? this.#knowledge.known.get(key),
      original: (command) => this.#original(command),
      recalculation: (command) => this.#recalculation(command),
    });
    if (decision.kind === 'recorded') this.#evolve(key, decision.transaction, decision.state);
    return decision;
  }

  #evolve(key: string, transaction: Transaction, state: VendorState): void {
    this.transactions.push(transaction);
    this.vendors.set(transaction.vendorId, state);
    this.#recorded.set(key, transaction);
    this.#byId.set(transaction.id, transaction);
    if (transaction.reversalOf && transaction.status === 'approved')
      this.#reversed.add(transaction.reversalOf);
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
  #recalculation(command: Command): Recalculation {
    const zero = ZERO;
    const sums = this.#knowledge.recalculations.get(command.vendorId);
    let { balance, chargedToday } = sums ?? { balance: zero as bigint, chargedToday: zero as bigint };
    const today = businessDay(this.#knowledge.nowMs, this.#timeZone);
    for (const row of this.transactions) {
      if (row.vendorId !== command.vendorId || row.status !== 'approved') continue;
      balance += row.balanceAfter - row.balanceBefore;
      if (row.type === 'charge') chargedToday += row.amount;
      if (row.type === 'reversal' && this.#chargedOn(row.reversalOf!) === today) chargedToday -= row.amount;
    }
    const stored = {
      storedBalance: sums?.storedBalance ?? zero,
      storedChargedToday: sums?.storedChargedToday ?? zero,
    };
    return { ...stored, balance: balance as Money, chargedToday: chargedToday as Money };
  }

  #chargedOn(id: string): string {
    const charge = this.#byId.get(id) ?? this.#knowledge.originals.get(id)?.transaction;
    return businessDay(charge!.createdAtMs, this.#timeZone);
  }
}
