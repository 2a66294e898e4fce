import type { CommandRequest } from '@b2b-charge/contracts';

/** A command as a client means it. Times are ms since 1970. */
export interface Wish {
  readonly vendor: number;
  readonly key: string;
  readonly request: CommandRequest;
  readonly deadline: number | null;
}

interface Row {
  readonly charged: bigint;
  readonly day: number;
  id: string;
  given: boolean;
}

interface Book {
  balance: bigint;
  limit: bigint | null;
  suspended: boolean;
  /** The latest time seen: time does not go back. */
  time: number;
  day: number;
  sold: bigint;
  readonly rows: Row[];
  readonly told: Map<string, { body: string; verdict: string }>;
}

/** Iran has had no summer time since 2022: its day begins at 20:30 UTC. */
export const dayInTehran = (ms: number): number => Math.floor((ms + 12_600_000) / 86_400_000);
/** Of an amount with two decimals. */
const cents = (text: string): bigint => BigInt(text.replace('.', ''));
const MOST = 999_999_999_999_999n;

/** What the ledger has to do, said once more and as simply as possible; shares no code with it. */
export class Model {
  readonly #books = new Map<number, Book>();

  /** "posted <balance>", "rejected <reason>", "again <first verdict>", "key reused", "expired" or "no vendor". */
  execute({ vendor, key, request, deadline }: Wish, now: number): string {
    const book = this.#books.get(vendor);
    const body = JSON.stringify(request);
    const first = book?.told.get(key);
    if (first) return first.body === body ? `again ${first.verdict}` : 'key reused';
    if (deadline !== null && now >= deadline) return 'expired';
    if (!book && request.type !== 'open-vendor') return 'no vendor';
    return this.#record(book ?? this.#open(vendor), key, request, body, now);
  }

  /** The id that the ledger gave to a vendor's latest row. */
  named(vendor: number, id: string): void {
    this.#books.get(vendor)!.rows.at(-1)!.id = id;
  }

  /** What counts as charged on the vendor's current day. */
  sold(vendor: number): bigint {
    return this.#books.get(vendor)?.sold ?? 0n;
  }

  #open(vendor: number): Book {
    const start = { balance: 0n, limit: null, suspended: false, time: 0, day: 0, sold: 0n };
    const book: Book = { ...start, rows: [], told: new Map() };
    this.#books.set(vendor, book);
    return book;
  }

  #record(book: Book, key: string, request: CommandRequest, body: string, now: number): string {
    book.time = Math.max(book.time, now);
    const day = dayInTehran(book.time);
    if (day > book.day) Object.assign(book, { day, sold: 0n });
    const reason = this.#rule(book, request);
    const charged = request.type === 'charge' && !reason ? cents(request.amount) : 0n;
    book.rows.push({ charged, day, id: '', given: false });
    const verdict = reason ? `rejected ${reason}` : `posted ${book.balance}`;
    book.told.set(key, { body, verdict });
    return verdict;
  }

  /** Moves the book, or says why not. */
  #rule(book: Book, request: CommandRequest): string | null {
    switch (request.type) {
      case 'charge': {
        const amount = cents(request.amount);
        if (book.suspended) return 'VENDOR_INACTIVE';
        if (amount > book.balance) return 'INSUFFICIENT_BALANCE';
        if (book.limit !== null && book.sold + amount > book.limit) return 'DAILY_LIMIT_EXCEEDED';
        book.balance -= amount;
        book.sold += amount;
        return null;
      }
      case 'credit':
        if (book.balance + cents(request.amount) > MOST) return 'BALANCE_LIMIT_EXCEEDED';
        book.balance += cents(request.amount);
        return null;
      case 'reverse': {
        const row = book.rows.find(({ id }) => id === request.transaction_id);
        if (!row?.charged) return 'NOT_REVERSIBLE';
        if (row.given) return 'ALREADY_REVERSED';
        if (book.balance + row.charged > MOST) return 'BALANCE_LIMIT_EXCEEDED';
        row.given = true;
        book.balance += row.charged;
        if (row.day === book.day) book.sold -= row.charged;
        return null;
      }
      case 'rebuild':
        return null;
      case 'open-vendor':
        if (book.rows.length > 0) return 'VENDOR_EXISTS';
        book.limit = request.daily_limit == null ? null : cents(request.daily_limit);
        return null;
      case 'update-vendor':
        if (request.status) book.suspended = request.status === 'suspended';
        if (request.daily_limit !== undefined)
          book.limit = request.daily_limit === null ? null : cents(request.daily_limit);
        return null;
    }
  }
}
