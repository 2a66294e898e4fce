import { type HttpAnswer, HttpConnection } from './http-connection.ts';
import { createRequests } from './http-requests.ts';
import type { Answer, HttpPlan, LoadMessage, LoadResult, Timetable } from './plan.ts';
import { Tally } from './tally.ts';

/** Requests waiting for a free connection at an open loop; more means far beyond saturation, and are not sent. */
const MAX_QUEUE = 20_000;

type Tell = (message: LoadMessage) => void;

/** Drives the HTTP API: as fast as the answers come, or at a fixed rate. */
export function runHttp(plan: HttpPlan, tell: Tell): Promise<LoadResult> {
  return new HttpLoad(plan, tell).run();
}

class HttpLoad {
  readonly #plan: HttpPlan;
  readonly #tell: Tell;
  readonly #request: (n: number) => string;
  readonly #tally = new Tally();
  readonly #free: HttpConnection[];
  readonly #done = Promise.withResolvers<void>();
  #next = 0;
  #inFlight = 0;
  #stopped = false;
  #start = 0;

  constructor(plan: HttpPlan, tell: Tell) {
    this.#plan = plan;
    this.#tell = tell;
    this.#request = createRequests(plan);
    this.#free = Array.from(
      { length: plan.connections },
      (_, index) => new HttpConnection(plan.ports[index % plan.ports.length]!),
    );
  }

  async run(): Promise<LoadResult> {
    const { rate, timetable, warmupMs, measureMs } = this.#plan;
    this.#start = performance.now();
    const connections = [...this.#free];
    this.#at(warmupMs, () => {
      this.#tally.begin(performance.now());
      this.#tell({ kind: 'measuring' });
    });
    this.#at(warmupMs + measureMs, () => this.#end());
    if (timetable) this.#keepPace(dueBy(timetable));
    else if (rate === null) for (const connection of this.#free.splice(0)) this.#sendNext(connection);
    else this.#keepPace((n) => (n * 1_000) / rate);
    await this.#done.promise;
    for (const connection of connections) connection.close();
    return this.#tally.result();
  }

  #at(ms: number, then: () => void): void {
    setTimeout(() => {
      if (!this.#stopped) then();
    }, ms);
  }

  #end(): void {
    this.#tally.end(performance.now());
    this.#tell({ kind: 'measured' });
    this.#stopped = true;
    if (this.#inFlight === 0) this.#done.resolve();
  }

  /** Closed loop: the next request of a connection goes when its last one is answered. */
  #sendNext(connection: HttpConnection): void {
    if (this.#next === this.#plan.limit && !this.#stopped) {
      this.#tally.end(performance.now());
      this.#tell({ kind: 'measured' });
      this.#stopped = true;
    }
    if (this.#stopped) {
      if (this.#inFlight === 0) this.#done.resolve();
      return;
    }
    this.#send(connection, performance.now(), undefined, () => this.#sendNext(connection));
  }

  /**
   * Open loop: every request has its time, and its latency counts from there, whether or not a connection was free and
   * whether or not this process was late: what a caller who does not wait for others would see.
   */
  #keepPace(dueMs: (n: number) => number): void {
    const { warmupMs, measureMs } = this.#plan;
    const dueAt = (n: number) => this.#start + dueMs(n);
    const measured = (at: number) => at - this.#start >= warmupMs && at - this.#start < warmupMs + measureMs;
    const waiting: number[] = [];
    const release = (connection: HttpConnection) => {
      const due = waiting.shift();
      if (due === undefined) {
        this.#free.push(connection);
        if (this.#stopped && this.#inFlight === 0) this.#done.resolve();
      } else this.#send(connection, due, measured(due), () => release(connection));
    };
    let scheduled = 0;
    const tick = () => {
      const now = performance.now();
      for (; dueAt(scheduled) <= now && !this.#stopped; scheduled++) {
        const due = dueAt(scheduled);
        const connection = this.#free.pop();
        if (connection) this.#send(connection, due, measured(due), () => release(connection));
        else if (waiting.length < MAX_QUEUE) waiting.push(due);
        else this.#end(); // far beyond saturation: what was measured until now is told
      }
      if (!this.#stopped) setTimeout(tick, 1);
    };
    tick();
  }

  #send(connection: HttpConnection, from: number, timed: boolean | undefined, then: () => void): void {
    const n = this.#next++;
    const items = this.#plan.bulk ?? 1;
    this.#inFlight++;
    this.#tally.sent += items;
    connection.send(this.#request(n), (answer) => {
      this.#inFlight--;
      const at = { from, now: performance.now(), ...(timed === undefined ? {} : { timed }) };
      if (answer instanceof Error) {
        this.#tally.odd(answer.message);
        this.#tally.answered('failed', at, items);
      } else if (this.#plan.bulk !== null && answer.status === 200) this.#countBulk(n, answer, at);
      else this.#count(n, answer, at, items);
      then();
    });
  }

  #count(n: number, answer: HttpAnswer, at: { from: number; now: number }, items: number): void {
    const kind = kindOf(answer);
    if (kind === 'sold') this.#tally.sold(n, items);
    if (kind === 'failed' || kind === 'refused') this.#tally.odd(`${answer.status} ${answer.body()}`);
    this.#tally.answered(kind, at, items);
  }

  #countBulk(n: number, answer: HttpAnswer, at: { from: number; now: number }): void {
    const body = answer.body();
    const count = (name: string) => Number(new RegExp(`"${name}":(\\d+)`).exec(body)?.[1] ?? 0);
    const sold = count('sold');
    this.#tally.sold(n, sold);
    this.#tally.answered('sold', at, sold);
    // A failed item may be a rejection or a refusal; none is expected here, so all count as the worst.
    for (const name of ['pending', 'failed'] as const) {
      if (count(name) > 0) {
        this.#tally.odd(body);
        this.#tally.total[name] += count(name);
      }
    }
  }
}

/** When the n-th is due: spread over its tick; after the last one never. */
function dueBy({ tickMs, counts }: Timetable): (n: number) => number {
  const due = counts.flatMap((count, tick) =>
    Array.from({ length: count }, (_, index) => (tick + index / count) * tickMs),
  );
  return (n) => due[n] ?? Number.POSITIVE_INFINITY;
}

function kindOf({ status, head }: HttpAnswer): Answer {
  if (status === 200) return head.includes('dempotent-') ? 'replayed' : 'sold';
  if (status === 202) return 'pending';
  if (status === 402 || status === 422) return head.includes('dempotent-') ? 'replayed' : 'rejected';
  return status === 503 || status === 429 ? 'refused' : 'failed';
}
