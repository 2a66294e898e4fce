import { randomUUID } from 'node:crypto';
import {
  canonicalJson,
  type MessageId,
  type Metadata,
  type TransactionView,
  type VendorId,
} from '@b2b-charge/contracts';
import type { Command, Decided, Result } from '@b2b-charge/http/commands/command-desk';
import type { ReplayCopies } from './replay-copies.ts';
import { type Claim, type Holder, RedisAwayError, type SpendWindow } from './spend-window.ts';

export interface Sale {
  readonly vendorId: VendorId;
  readonly phoneNumber: string;
  /** Decimal string of two decimals. */
  readonly amount: string;
  readonly reference?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** Null: the duplicate-suppression window stands in for a key. */
  readonly key: MessageId | null;
  /** Sender of the sale, for example "token:17". */
  readonly principal: string;
  readonly traceparent: string | undefined;
}

export type SaleResult = (Result & { readonly messageId: MessageId }) | Duplicate;

/** An equal sale without a key was posted, or may yet be, within the window. */
export interface Duplicate {
  readonly kind: 'duplicate';
  readonly firstMessageId: MessageId;
  readonly first: Decided | null;
}

export type FirstSale = { kind: 'decided'; outcome: Decided } | { kind: 'open' } | { kind: 'void' };

export interface SellDeps {
  send(command: Command): Promise<Result>;
  /** What the ledger knows of a sale that holds a double-spend window. */
  ask(vendorId: VendorId, claim: Claim): Promise<FirstSale>;
  readonly replays: ReplayCopies;
  /** Null when the window is turned off. */
  readonly window: SpendWindow | null;
  readonly deadlineMs: number;
  now(): number;
}

/** Long after the deadline, whoever asks by key still gets a definite answer. */
const DEADLINE_KEPT_S = 86_400;
/** The largest CHARGE_DEADLINE_MS, and a minute for clocks: a mark that claims to be open for longer is no mark of ours. */
const LONGEST_DEADLINE_MS = 660_000;

/** Sells charges: repeats get the first outcome, and equal sales without a key are held apart. */
export class ChargeDesk {
  readonly #deps: SellDeps;
  /** Sales with a key that this process is waiting for: a simultaneous repeat waits along. */
  readonly #inFlight = new Map<string, { sale: Sale; result: Promise<SaleResult> }>();

  constructor(deps: SellDeps) {
    this.#deps = deps;
  }

  sell(sale: Sale): Promise<SaleResult> {
    return sale.key === null ? this.#sellOnce(sale) : this.#sellByKey(sale, sale.key);
  }

  /** Whether the outcome under a message id is being waited for here. */
  awaits(vendorId: VendorId, messageId: MessageId): boolean {
    return this.#inFlight.has(`${vendorId} ${messageId}`);
  }

  /** Until when a sale that got no outcome may still be executed, if that is remembered. */
  deadlineOf(vendorId: VendorId, messageId: MessageId): Promise<number | null> {
    return this.#deps.replays.deadline(vendorId, messageId);
  }

  async #sellByKey(sale: Sale, messageId: MessageId): Promise<SaleResult> {
    const place = `${sale.vendorId} ${messageId}`;
    const first = this.#inFlight.get(place);
    // Another body under the same key is the ledger's to refuse.
    if (first && equal(first.sale, sale)) return repeated(await first.result);
    const result = this.#sendByKey(sale, messageId);
    if (first) return result;
    this.#inFlight.set(place, { sale, result });
    try {
      return await result;
    } finally {
      this.#inFlight.delete(place);
    }
  }

  async #sendByKey(sale: Sale, messageId: MessageId): Promise<SaleResult> {
    const { replays, window, deadlineMs } = this.#deps;
    const claim = { messageId, expiresAtMs: this.#deps.now() + deadlineMs };
    // Both travel in one round trip.
    const looking = replays.get(sale.vendorId, messageId);
    window?.mark(sale, claim);
    const copy = await looking;
    if (copy) return { kind: 'decided', messageId, ...replay(copy, sale) };
    const result = await this.#deps.send(commandOf(sale, messageId));
    if (result.kind === 'decided') replays.keep(sale.vendorId, messageId, result.outcome);
    this.#settle(sale, claim, result);
    return { ...result, messageId };
  }

  #settle(sale: Sale, claim: Claim, result: Result): void {
    if (didNothing(result)) this.#deps.window?.release(sale, claim);
    if (result.kind === 'pending') {
      const { vendorId } = sale;
      this.#deps.replays.keepDeadline(vendorId, claim.messageId, result.expiresAtMs, DEADLINE_KEPT_S);
    }
  }

  async #sellOnce(sale: Sale): Promise<SaleResult> {
    const { window, deadlineMs } = this.#deps;
    const messageId = randomUUID() as string as MessageId;
    const claim = { messageId, expiresAtMs: this.#deps.now() + deadlineMs };
    if (window) {
      try {
        const duplicate = await this.#claim(sale, claim, window);
        if (duplicate) return duplicate;
      } catch (error) {
        if (error instanceof RedisAwayError) return { kind: 'refused', code: 'UNAVAILABLE', messageId };
        throw error;
      }
    }
    const result = await this.#deps.send(commandOf(sale, messageId));
    this.#settle(sale, claim, result);
    return { ...result, messageId };
  }

  /** Null once the window is held by this sale. */
  async #claim(sale: Sale, claim: Claim, window: SpendWindow): Promise<Duplicate | null> {
    const holder = await window.claim(sale, claim);
    if (!holder) return null;
    const first = await this.#firstSale(sale, holder);
    const known = first.kind === 'decided' ? first.outcome : null;
    const sinceMs = this.#deps.now() - window.seconds * 1_000;
    const stands = known ? holds(known, sale, sinceMs) : first.kind === 'open';
    if (!stands && (await window.takeOver(sale, holder, claim))) return null;
    if (!holder.claim) throw new RedisAwayError('the duplicate-suppression window is being overwritten');
    return { kind: 'duplicate', firstMessageId: holder.claim.messageId, first: known };
  }

  /** The mark says only where to look: what it stands for is the ledger's word. */
  async #firstSale(sale: Sale, { claim }: Holder): Promise<FirstSale> {
    const latestMs = this.#deps.now() + LONGEST_DEADLINE_MS;
    if (!claim || claim.expiresAtMs > latestMs) return { kind: 'void' };
    return this.#deps.ask(sale.vendorId, claim);
  }
}

const commandOf = (sale: Sale, messageId: MessageId): Command => {
  const { vendorId, phoneNumber, amount, reference, metadata, principal, traceparent } = sale;
  return {
    vendorId,
    messageId,
    command: {
      type: 'charge',
      phone_number: phoneNumber,
      amount,
      ...(reference === undefined ? {} : { reference }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    principal,
    traceparent,
  };
};

/** The parts of a sale that a repeat under its key must have in common with it. */
type Content = Pick<Sale, 'phoneNumber' | 'amount' | 'reference' | 'metadata'>;

const equal = (a: Content, b: Content): boolean =>
  a.phoneNumber === b.phoneNumber &&
  a.amount === b.amount &&
  a.reference === b.reference &&
  canonicalJson(a.metadata ?? null) === canonicalJson(b.metadata ?? null);

/** Nothing was sold under this command, and nothing will be. */
function didNothing(result: Result): boolean {
  switch (result.kind) {
    case 'decided':
      return result.outcome.outcome === 'rejected';
    case 'expired':
    case 'dead-letter':
    case 'refused':
      return true;
    case 'pending':
      return false;
  }
}

/** A first sale keeps its window if it was posted within it, and is what the window is for. */
const holds = (first: Decided, sale: Sale, sinceMs: number): boolean =>
  first.outcome === 'posted' &&
  first.transaction.type === 'charge' &&
  first.transaction.phone_number === sale.phoneNumber &&
  first.transaction.amount === sale.amount &&
  Date.parse(first.transaction.created_at) >= sinceMs;

const repeated = (result: SaleResult): SaleResult =>
  result.kind === 'decided' ? { ...result, replayed: true } : result;

const contentOf = ({ phone_number, amount, reference, metadata }: TransactionView): Content => ({
  phoneNumber: phone_number ?? '',
  amount,
  reference: reference ?? undefined,
  metadata: metadata ?? undefined,
});

/** The outcome bound to a key, for a repeat that must be the same sale. */
function replay(copy: Decided, sale: Sale): { outcome: Decided; replayed: boolean } {
  const { transaction } = copy;
  if (transaction && equal(contentOf(transaction), sale)) return { outcome: copy, replayed: true };
  return {
    outcome: {
      outcome: 'rejected',
      replayed: false,
      code: 'IDEMPOTENCY_KEY_REUSED',
      transaction: null,
      details: { first_transaction_id: transaction?.transaction_id ?? null },
    },
    replayed: false,
  };
}
