import { mix } from '../../bench/load/charges.ts';
import type { MoreClaims } from '../chaos/check/claims.ts';
import type { Findings } from '../chaos/check/findings.ts';
import type { Row } from '../chaos/check/rows.ts';
import type { Book, Told } from '../chaos/load/book.ts';
import type { Shop } from '../chaos/load/ways.ts';

export interface Sale {
  readonly shop: Shop;
  readonly key: string;
  readonly phone: string;
  readonly amount: bigint;
}

const PER_CHUNK = 65_536;
const KEY = /^soak-(\d{1,9})$/;
const STATE = { unsent: 0, open: 1, denied: 2, posted: 3, found: 4, claimed: 5 } as const;
const KEPT = 100;

interface Chunk {
  readonly state: Uint8Array;
  /** The last 48 bits of the transaction's id, and the balance after it, as the client was told. */
  readonly idEnd: Float64Array;
  readonly after: Float64Array;
}

/**
 * What clients were told of each of millions of sales: what a sale is follows from its number, so a record is seventeen
 * bytes.
 */
export class SalesRecord implements MoreClaims {
  readonly #shops: readonly Shop[];
  readonly #chunks: Chunk[] = [];
  /** What contradicts what a client was told before, or must not be answered at all. */
  readonly contradictions: string[] = [];
  count = 0;
  posted = 0;

  constructor(shops: readonly Shop[]) {
    this.#shops = shops;
  }

  /** The next sale. */
  open(): number {
    const n = this.count++;
    if (n % PER_CHUNK === 0)
      this.#chunks.push({
        state: new Uint8Array(PER_CHUNK),
        idEnd: new Float64Array(PER_CHUNK),
        after: new Float64Array(PER_CHUNK),
      });
    this.#set(n, STATE.open);
    return n;
  }

  saleOf(n: number): Sale {
    return {
      shop: this.#shops[n % this.#shops.length]!,
      key: `soak-${n}`,
      phone: `+98912${String(mix(n) % 10_000_000).padStart(7, '0')}`,
      amount: 100n + BigInt(mix(n ^ 0x5bd1e995) % 5_900),
    };
  }

  tell(n: number, told: Told): void {
    if (told.outcome === 'rejected') {
      this.contradict(n, `was refused with ${told.code}, though the shop is rich`);
      return;
    }
    const [chunk, at] = this.#at(n);
    const [idEnd, after] = [endOf(told.id), Number(told.after)];
    if (chunk.state[at] !== STATE.posted) {
      this.posted++;
      [chunk.idEnd[at], chunk.after[at]] = [idEnd, after];
    } else if (chunk.idEnd[at] !== idEnd || chunk.after[at] !== after)
      this.contradict(n, `was told another outcome the second time: ${told.id}`);
    this.#set(n, STATE.posted);
  }

  /** It was answered that nothing was done, and no attempt is in doubt. */
  deny(n: number): void {
    this.#set(n, STATE.denied);
  }

  contradict(n: number, text: string): void {
    if (this.contradictions.length < KEPT) this.contradictions.push(`key soak-${n}: ${text}`);
  }

  /** What is in doubt becomes claims of a book, which are settled by key. Returns how many. */
  handOver(book: Book): number {
    let claims = 0;
    for (let n = 0; n < this.count; n++) {
      if (this.#stateOf(n) !== STATE.open) continue;
      const { shop, key: messageId, phone, amount } = this.saleOf(n);
      book.open({ kind: 'charge', vendorId: shop.vendorId, messageId, amount, phone, reversalOf: null });
      this.#set(n, STATE.claimed);
      claims++;
    }
    return claims;
  }

  check(row: Row, findings: Findings): bigint | null {
    const n = Number(KEY.exec(row.message_id)?.[1] ?? Number.NaN);
    if (!(n < this.count)) return null;
    const { shop, phone, amount } = this.saleOf(n);
    const where = `vendor ${row.vendor_id}, charge ${row.message_id}`;
    const is = (what: string, told: unknown, found: unknown) => {
      if (told !== found)
        findings.add('exactly-once', `${where}: ${what}: ${told} was told, ${found} is there`);
    };
    is('vendor', shop.vendorId, row.vendor_id);
    is('type', 'charge', row.type);
    is('phone', phone, row.phone_number);
    is('amount', amount, BigInt(row.amount));
    is('status', 'posted', row.status);
    const [chunk, at] = this.#at(n);
    const state = chunk.state[at];
    if (state === STATE.denied)
      findings.add('bounded-doubt', `${where}: said to be not done, and it is there`);
    if (state === STATE.found) findings.add('exactly-once', `${where}: is there twice`);
    if (state !== STATE.posted) return 0n;
    is('balance after', chunk.after[at], Number(row.balance_after));
    is('end of the id', chunk.idEnd[at], endOf(row.id));
    this.#set(n, STATE.found);
    return -amount;
  }

  finish(findings: Findings): void {
    for (let n = 0; n < this.count; n++)
      if (this.#stateOf(n) === STATE.posted)
        findings.add('no-silent-loss', `charge soak-${n}: told posted, and it is not there`);
  }

  #at = (n: number): [Chunk, number] => [this.#chunks[Math.floor(n / PER_CHUNK)]!, n % PER_CHUNK];
  #stateOf(n: number): number {
    const [chunk, at] = this.#at(n);
    return chunk.state[at]!;
  }
  #set(n: number, state: number): void {
    const [chunk, at] = this.#at(n);
    chunk.state[at] = state;
  }
}

const endOf = (id: string): number => Number.parseInt(id.slice(-12), 16);
