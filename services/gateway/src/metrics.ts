import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that the gateway counts. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly charges: Counter<'result'>;
  readonly refusals: Counter<'reason'>;
  readonly #requests: Histogram<'operation' | 'status'>;
  /** Per operation and status, so that an answer does not pay for hashing its labels. */
  readonly #answers = new Map<string, Histogram.Internal<'operation' | 'status'>>();

  constructor(readings: {
    inFlight(): number;
    laneLagMs(): number;
    tokensKnown(): number;
    redisUp(): number;
  }) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'gateway_' });
    this.#requests = new Histogram({
      name: 'gateway_request_seconds',
      help: 'Time from the request to its answer',
      labelNames: ['operation', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 1, 5, 10],
      registers,
    });
    this.charges = new Counter({
      name: 'gateway_charges_total',
      help: 'Charges by what became of them',
      labelNames: ['result'],
      registers,
    });
    this.refusals = new Counter({
      name: 'gateway_refusals_total',
      help: 'Requests refused before they reached a handler, by code',
      labelNames: ['reason'],
      registers,
    });
    gauge('gateway_redis_up', '1 while Redis answers', readings.redisUp, registers);
    gauge('gateway_in_flight', 'Commands awaiting their outcome', readings.inFlight, registers);
    gauge(
      'gateway_lane_lag_milliseconds',
      'Age of the oldest unanswered command of any lane',
      readings.laneLagMs,
      registers,
    );
    gauge('gateway_tokens_known', 'Tokens in memory', readings.tokensKnown, registers);
  }

  answered(operation: string, status: number, seconds: number): void {
    const key = `${operation} ${status}`;
    let answers = this.#answers.get(key);
    if (!answers) {
      answers = this.#requests.labels({ operation, status });
      this.#answers.set(key, answers);
    }
    answers.observe(seconds);
  }
}

function gauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
