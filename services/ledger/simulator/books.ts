import type { Money, VendorId } from '@b2b-charge/contracts';
import type { Command, LogEntry } from '../src/domain/command.ts';
import type { Original } from '../src/domain/commands/reverse.ts';
import { type BatchKnowledge, type DatedRecalculation, keyOf, placeOf } from '../src/domain/decide-batch.ts';
import type { Transaction } from '../src/domain/transaction.ts';
import type { VendorState } from '../src/domain/vendor-state.ts';
import type { BatchWrites, DeadLetter } from '../src/store/write-batch.ts';
import { dayInTehran } from './model.ts';

/** A constraint of the schema refused a batch; the database would say the same. */
export class ConstraintError extends Error {
  override name = 'ConstraintError';
  readonly code = '23000';
}

/**
 * The tables of the ledger in memory, with the constraints of the schema: what the database knows before a batch, and
 * what it takes or refuses of one.
 */
export class Books {
  readonly vendors = new Map<VendorId, VendorState>();
  readonly chains = new Map<VendorId, Transaction[]>();
  readonly byKey = new Map<string, Transaction>();
  readonly byId = new Map<string, Transaction>();
  readonly reversed = new Set<string>();
  readonly deadLetters: DeadLetter[] = [];

  /** What PgStore loads for a batch. */
  knowledge(entries: readonly LogEntry[], nowMs: number): BatchKnowledge {
    const commands = entries.filter((entry) => entry.kind === 'command');
    const vendors = new Map<VendorId, VendorState>();
    const known = new Map<string, Transaction>();
    const originals = new Map<string, Original>();
    const recalculations = new Map<VendorId, DatedRecalculation>();
    for (const command of commands) {
      const state = this.vendors.get(command.vendorId);
      if (!state) continue;
      vendors.set(command.vendorId, state);
      const key = keyOf(command.vendorId, command.messageId);
      const first = this.byKey.get(key);
      if (first) known.set(key, first);
      this.#loadOriginal(command, originals);
      if (command.request.type === 'rebuild') recalculations.set(command.vendorId, this.#recalculate(state));
    }
    return { nowMs, vendors, known, originals, recalculations, buried: this.#buried(entries) };
  }

  /** Dead letters of an earlier reading of the log. */
  #buried(entries: readonly LogEntry[]): BatchKnowledge['buried'] {
    const isSame = (a: LogEntry, b: LogEntry) =>
      a.lane === b.lane && a.streamSeq === b.streamSeq && a.timeMs === b.timeMs;
    return new Map(
      entries.flatMap((entry) =>
        this.deadLetters
          .filter((dead) => dead.entry.streamEpoch < entry.streamEpoch && isSame(dead.entry, entry))
          .map(({ reason, detail }) => [placeOf(entry), { reason, detail }] as const),
      ),
    );
  }

  #loadOriginal({ request, vendorId }: Command, originals: Map<string, Original>): void {
    if (request.type !== 'reverse') return;
    const transaction = this.byId.get(request.transaction_id.toLowerCase());
    if (transaction?.vendorId === vendorId)
      originals.set(transaction.id, { transaction, reversed: this.reversed.has(transaction.id) });
  }

  #recalculate(state: VendorState): DatedRecalculation {
    const today = dayInTehran(state.updatedAtMs);
    let balance = 0n;
    let chargedToday = 0n;
    for (const row of this.chains.get(state.vendorId) ?? []) {
      if (row.status !== 'posted') continue;
      balance += row.balanceEffect;
      const counted = row.type === 'reversal' ? this.byId.get(row.resolves!)! : row;
      if (counted.type === 'charge' && dayInTehran(counted.createdAtMs) === today)
        chargedToday -= row.balanceEffect;
    }
    const { businessDay, balance: storedBalance } = state;
    return { storedBalance, businessDay, balance: balance as Money, chargedToday: chargedToday as Money };
  }

  /** All or nothing. Throws ConstraintError. */
  apply(writes: Omit<BatchWrites, 'expired'>): void {
    this.#check(writes.transactions);
    for (const row of writes.transactions) {
      const chain = this.chains.get(row.vendorId);
      if (chain) chain.push(row);
      else this.chains.set(row.vendorId, [row]);
      this.byKey.set(keyOf(row.vendorId, row.messageId), row);
      this.byId.set(row.id, row);
      if (row.resolves && row.status === 'posted') this.reversed.add(row.resolves);
    }
    for (const state of writes.vendors) this.vendors.set(state.vendorId, state);
    this.deadLetters.push(...writes.dead);
  }

  #check(rows: readonly Transaction[]): void {
    const heads = new Map<VendorId, Transaction>();
    const keys = new Set<string>();
    const reversals = new Set<string>();
    for (const row of rows) {
      const head = heads.get(row.vendorId) ?? this.chains.get(row.vendorId)?.at(-1);
      const key = keyOf(row.vendorId, row.messageId);
      if (row.seq !== (head?.seq ?? 0) + 1) throw new ConstraintError('transactions_pkey, chain_links');
      if (row.balanceBefore !== (head?.balanceAfter ?? 0n) || row.heldBefore !== (head?.heldAfter ?? 0n))
        throw new ConstraintError('chain_links');
      if (row.previousHash !== (head?.hash ?? '0'.repeat(64))) throw new ConstraintError('chain_links');
      if (row.balanceAfter < 0n) throw new ConstraintError('balance_after');
      if (row.balanceAfter !== row.balanceBefore + row.balanceEffect)
        throw new ConstraintError('effects_move_balance');
      if (row.heldAfter < 0n || row.heldAfter > row.balanceAfter) throw new ConstraintError('held_after');
      if (keys.has(key) || this.byKey.has(key)) throw new ConstraintError('exactly_once');
      if (row.resolves && row.status === 'posted') {
        if (reversals.has(row.resolves) || this.reversed.has(row.resolves))
          throw new ConstraintError('transactions_reversed_once');
        reversals.add(row.resolves);
      }
      heads.set(row.vendorId, row);
      keys.add(key);
    }
  }

  /** Takes a row's phone number and salt away, as `npx b2b erase` does. */
  erase(row: Transaction): void {
    const erased = { ...row, phoneNumber: null, phoneSalt: null };
    this.chains.get(row.vendorId)![row.seq - 1] = erased;
    this.byKey.set(keyOf(row.vendorId, row.messageId), erased);
    this.byId.set(row.id, erased);
  }

  /** Returns what puts the tables back to what they hold now. */
  copy(): () => void {
    const maps = [this.vendors, this.byKey, this.byId] as Map<unknown, unknown>[];
    const copies = maps.map((map) => [...map]);
    const chains = [...this.chains].map(([vendorId, rows]) => [vendorId, [...rows]] as const);
    const [reversed, deadLetters] = [[...this.reversed], [...this.deadLetters]];
    return () => {
      for (const [index, map] of maps.entries()) refill(map, copies[index]!);
      refill(
        this.chains,
        chains.map(([vendorId, rows]) => [vendorId, [...rows]]),
      );
      this.reversed.clear();
      for (const id of reversed) this.reversed.add(id);
      this.deadLetters.splice(0, Number.POSITIVE_INFINITY, ...deadLetters);
    };
  }

  outcome(vendorId: VendorId, messageId: string): Transaction | undefined {
    return this.byKey.get(keyOf(vendorId, messageId));
  }
}

export function refill<K, V>(map: Map<K, V>, entries: readonly (readonly [K, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
