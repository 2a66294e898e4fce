import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../services/ledger/simulator/random.ts';
import type { Book, Claim } from './book.ts';
import { LONGEST_WAIT_MS, type Sale, type Sell, type Shop } from './ways.ts';

export interface TillOptions {
  readonly name: string;
  readonly book: Book;
  readonly shops: readonly Shop[];
  readonly random: Random;
  /** The way that this till takes, and another one to the same ledger. */
  readonly sell: Sell;
  readonly otherwise: Sell;
  /** Longest pause between two sales, ms. */
  readonly paceMs: number;
  /** Called with each charge known to be posted. */
  readonly posted: (claim: Claim) => void;
}

/** Shares of what tills do besides selling once. */
const IMPATIENT = 0.15;
const TWIN = 0.03;
const REPEAT = 0.06;
const CONFLICT = 0.03;
const AMOUNT = [100, 6_000] as const;
const TIMEOUT_MS = [800, LONGEST_WAIT_MS] as const;
const RETRY_MS = [50, 600] as const;

/**
 * Sells until told to stop. Most tills send a sale again under its key until they know the outcome; the impatient give
 * up at the first answer that is none, and leave the doubt to be settled by key afterwards.
 */
export async function runTill(options: TillOptions, until: AbortSignal): Promise<void> {
  const { random, paceMs } = options;
  for (let number = 1; !until.aborted; number++) {
    await sellOnce(options, number, until);
    await sleep(random.between(0, paceMs), undefined, { signal: until }).catch(() => {});
  }
}

async function sellOnce(options: TillOptions, number: number, until: AbortSignal): Promise<void> {
  const { name, book, shops, random, posted } = options;
  const sale: Sale = {
    shop: random.pick(shops),
    key: `${name}-${number}`,
    phone: `+98912${random.between(1_000_000, 9_999_999)}`,
    amount: BigInt(random.between(...AMOUNT)),
    timeoutMs: random.between(...TIMEOUT_MS),
  };
  const { key: messageId, phone, amount } = sale;
  const { vendorId } = sale.shop;
  const claim = book.open({ kind: 'charge', vendorId, messageId, amount, phone, reversalOf: null });
  await insist(options, { claim, sale }, until);
  if (claim.told === null) return;
  if (claim.told.outcome === 'posted') posted(claim);
  await followUp(options, claim, sale);
}

async function insist(
  { book, random, sell, otherwise }: TillOptions,
  { claim, sale }: { claim: Claim; sale: Sale },
  until: AbortSignal,
): Promise<void> {
  const patient = !random.chance(IMPATIENT);
  const twin = random.chance(TWIN) ? book.attempt(claim, () => otherwise(sale)) : undefined;
  for (;;) {
    const answer = await book.attempt(claim, () => sell(sale));
    if (answer.kind === 'told' || !patient || until.aborted) break;
    await sleep(random.between(...RETRY_MS), undefined, { signal: until }).catch(() => {});
  }
  await twin;
}

/** Repeats get the first outcome; another sale under the same key is refused. */
async function followUp({ book, random, sell, otherwise }: TillOptions, claim: Claim, sale: Sale) {
  if (random.chance(REPEAT)) {
    const way = random.chance(0.5) ? sell : otherwise;
    await book.attempt(claim, () => way(sale));
  }
  if (random.chance(CONFLICT)) {
    const way = random.chance(0.5) ? sell : otherwise;
    await book.conflict(claim, () => way({ ...sale, amount: sale.amount + 1n }));
  }
}
