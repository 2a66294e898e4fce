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
import { ERROR_CODES } from './errors.ts';

export interface HttpReadings<Cache extends string = string> {
  /** Age in ms of the oldest command without an answer. */
  laneLagMs(): number;
  tokensKnown(): number;
  caches(): Readonly<Record<Cache, CacheCounts>>;
}

/** What every service with an HTTP API counts; the names begin with "b2b_<service>_". */
export class HttpMetrics {
  readonly registry = createRegistry();
  readonly connections = connectionMetrics(this.registry);
  readonly commands = commandMetrics(this.registry);
  readonly refusals: Tally;
  readonly #requests: HotHistogram;
  readonly #byOperation = new Map<string, Map<number, Series>>();

  constructor(service: 'gateway' | 'backoffice', readings: HttpReadings) {
    const prefix = `b2b_${service}`;
    this.refusals = new Tally(this.registry, {
      name: `${prefix}_refusals_total`,
      help: 'Requests refused with an error code of the API, by code',
      label: 'code',
      known: ERROR_CODES,
    });
    this.#requests = new HotHistogram(this.registry, {
      name: `${prefix}_request_seconds`,
      help: 'From a request to its answer, by operation of the API and HTTP status',
      labelNames: ['operation', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 1, 5, 10],
    });
    const gauge = (name: string, help: string, read: () => number) =>
      readGauge(this.registry, { name, help }, read);
    gauge(
      `${prefix}_lane_lag_seconds`,
      'Age of the oldest command of this process that has no answer yet, over all lanes',
      () => readings.laneLagMs() / 1_000,
    );
    gauge(`${prefix}_tokens_known`, 'Tokens in memory', readings.tokensKnown);
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
