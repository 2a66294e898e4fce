import { HttpConnection, type HttpAnswer as Received } from '../../bench/load/http-connection.ts';
import type { Answer } from '../chaos/load/book.ts';
import { answerOf, type HttpAnswer } from '../chaos/load/http.ts';
import { decimalOf } from '../chaos/load/money.ts';
import type { SalesRecord } from './sales-record.ts';

interface SellerOptions {
  /** Of the gateway. */
  readonly url: string;
  readonly record: SalesRecord;
  readonly connections: number;
}

/** A sale under way: how often it was tried, and whether any try ended without an answer. */
interface Trying {
  readonly n: number;
  readonly dueAt: number;
  tries: number;
  inDoubt: boolean;
}

const ANSWER_WITHIN_MS = 5_000;
/** Sales without an answer; what comes due beyond that is turned away, as a shop does whose till hangs. */
const MOST_UNDER_WAY = 10_000;
const MOST_TRIES = 8;
const RETRY_MS = 250;
/** For what is under way when the selling ends. */
const LAST_ANSWERS_MS = 20_000;

/** Sells over HTTP and repeats under the same key what got no answer: as fast as answers come, or so many a second. */
export class Seller {
  readonly record: SalesRecord;
  readonly answers = new Map<string, number>();
  turnedAway = 0;
  repeats = 0;
  readonly #port: number;
  readonly #free: HttpConnection[];
  readonly #connections: readonly HttpConnection[];
  readonly #waiting: Trying[] = [];
  #latencies: number[] = [];
  #underWay = 0;

  constructor({ url, record, connections }: SellerOptions) {
    this.record = record;
    this.#port = Number(new URL(url).port);
    this.#connections = Array.from({ length: connections }, () => new HttpConnection(this.#port));
    this.#free = [...this.#connections];
  }

  /** Closed loop: so many at once, the next when one is answered. */
  async sellAtOnce(inFlight: number, until: AbortSignal): Promise<void> {
    await this.#everyMs(() => {
      while (this.#underWay < inFlight) this.#begin(performance.now());
    }, until);
  }

  /** Open loop: each sale has its time, whatever became of the others. */
  async sellAt(perSecond: number, until: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    let due = 0;
    await this.#everyMs(() => {
      const now = performance.now();
      for (; startedAt + (due * 1_000) / perSecond <= now; due++) {
        if (this.#underWay >= MOST_UNDER_WAY) this.turnedAway++;
        else this.#begin(startedAt + (due * 1_000) / perSecond);
      }
    }, until);
  }

  /** Latencies since the last look, ms, from the time at which a sale was due. */
  takeLatencies(): number[] {
    const latencies = this.#latencies;
    this.#latencies = [];
    return latencies;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #everyMs(work: () => void, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      work();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const giveUpAt = performance.now() + LAST_ANSWERS_MS;
    while (this.#underWay > 0 && performance.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  #begin(dueAt: number): void {
    this.#underWay++;
    this.#enqueue({ n: this.record.open(), dueAt, tries: 0, inDoubt: false });
  }

  #enqueue(trying: Trying): void {
    const connection = this.#free.pop();
    if (connection) this.#try(connection, trying);
    else this.#waiting.push(trying);
  }

  #try(connection: HttpConnection, trying: Trying): void {
    if (trying.tries++ > 0) this.repeats++;
    const late = setTimeout(() => connection.close(), ANSWER_WITHIN_MS);
    connection.send(this.#requestOf(trying.n), (received) => {
      clearTimeout(late);
      this.#take(trying, answerOf(read(received)));
      const next = this.#waiting.shift();
      if (next) this.#try(connection, next);
      else this.#free.push(connection);
    });
  }

  #take(trying: Trying, answer: Answer): void {
    this.#count(answer);
    if (!this.#settles(trying, answer) && trying.tries < MOST_TRIES) {
      setTimeout(() => this.#enqueue(trying), RETRY_MS * trying.tries);
      return;
    }
    this.#underWay--;
    // What is in doubt stays open, and is settled by key.
    if (answer.kind === 'nothing-done' && !trying.inDoubt) this.record.deny(trying.n);
  }

  /** Whether the answer is the last word. */
  #settles(trying: Trying, answer: Answer): boolean {
    switch (answer.kind) {
      case 'told':
        this.record.tell(trying.n, answer.told);
        this.#latencies.push(performance.now() - trying.dueAt);
        return true;
      case 'key-reused':
        this.record.contradict(trying.n, 'its own key was refused to it');
        return true;
      case 'wrong':
        this.record.contradict(trying.n, answer.text);
        return true;
      case 'doubt':
        trying.inDoubt = true;
        return false;
      case 'nothing-done':
        return false;
    }
  }

  #count(answer: Answer): void {
    const name =
      answer.kind === 'told'
        ? `${answer.told.outcome}${answer.replayed ? ' (replayed)' : ''}`
        : `${answer.kind}${'code' in answer ? `: ${answer.code}` : ''}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
  }

  #requestOf(n: number): string {
    const { shop, key, phone, amount } = this.record.saleOf(n);
    const body = `{"phone_number":"${phone}","amount":"${decimalOf(amount)}"}`;
    return [
      'POST /api/charges/sell/ HTTP/1.1',
      `Host: 127.0.0.1:${this.#port}`,
      `Authorization: Token ${shop.token}`,
      'Content-Type: application/json',
      `Idempotency-Key: ${key}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }
}

function read(received: Received | Error): HttpAnswer | 'unsent' | null {
  if (received instanceof Error)
    return (received as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'unsent' : null;
  const { status, head } = received;
  return {
    status,
    replayed: /\r\nidempotent-replayed: *true/i.test(head),
    body: JSON.parse(received.body()),
  };
}
