import {
  type CacheCounts,
  cacheMetrics,
  commandMetrics,
  connectionMetrics,
  createRegistry,
  HotHistogram,
  readGauge,
  type Series,
  Tally,
} from '@b2b-charge/runtime';
import { Counter } from 'prom-client';
import { ERROR_CODES } from './http/errors.ts';

interface Readings {
  /** The checks of /api/health/ by name; null is well. */
  checks(): Promise<Record<string, { readonly trouble: string | null }>>;
  laneLagMs(): number;
  tokensKnown(): number;
  caches(): Readonly<Record<'tokens' | 'outcomes', CacheCounts>>;
}

/** Everything that the gateway counts. */
export class GatewayMetrics {
  readonly registry = createRegistry();
  readonly connections = connectionMetrics(this.registry);
  readonly commands = commandMetrics(this.registry);
  readonly sales = new Tally(this.registry, {
    name: 'b2b_gateway_sales_total',
    help: 'Sales by what became of them',
    label: 'result',
  });
  readonly refusals = new Tally(this.registry, {
    name: 'b2b_gateway_refusals_total',
    help: 'Requests refused with an error code of the API, by code',
    label: 'code',
    known: ERROR_CODES,
  });
  readonly forged = new Counter({
    name: 'b2b_gateway_redis_forged_total',
    help: 'Entries in Redis that no gateway with this REDIS_SEAL_KEY wrote; each counts as absent',
    registers: [this.registry],
  });
  readonly #requests = new HotHistogram(this.registry, {
    name: 'b2b_gateway_request_seconds',
    help: 'From a request to its answer, by operation of the API and HTTP status',
    labelNames: ['operation', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 1, 5, 10],
  });

  readonly #byOperation = new Map<string, Map<number, Series>>();

  constructor(readings: Readings) {
    const gauge = (name: string, help: string, read: () => number) =>
      readGauge(this.registry, { name, help }, read);
    gauge(
      'b2b_gateway_lane_lag_seconds',
      'Age of the oldest command of this process that has no answer yet, over all lanes',
      () => readings.laneLagMs() / 1_000,
    );
    gauge('b2b_gateway_tokens_known', 'Tokens in memory', readings.tokensKnown);
    readGauge(
      this.registry,
      {
        name: 'b2b_gateway_check_ok',
        help: 'Checks of /api/health/: 1 if this gateway has what a sale needs of it',
        labelNames: ['check'],
      },
      async () =>
        Object.entries(await readings.checks()).map(([check, { trouble }]) => [
          { check },
          Number(trouble === null),
        ]),
    );
    cacheMetrics(this.registry, readings.caches);
  }

  /** Counts the answers of one operation. */
  operation(operation: string): (status: number, seconds: number) => void {
    const byStatus = this.#byOperation.get(operation) ?? new Map<number, Series>();
    this.#byOperation.set(operation, byStatus);
    return (status, seconds) => {
      let series = byStatus.get(status);
      if (!series) {
        series = this.#requests.series({ operation, status });
        byStatus.set(status, series);
      }
      series.observe(seconds);
    };
  }
}
