import { HttpMetrics, type HttpReadings } from '@b2b-charge/http/metrics';
import { readGauge, Tally } from '@b2b-charge/runtime';
import { Counter } from 'prom-client';

/** The checks of /api/health/ by name; null is well. */
interface Readings extends HttpReadings<'tokens' | 'outcomes'> {
  checks(): Promise<Record<string, { readonly trouble: string | null }>>;
}

/** Everything that the gateway counts. */
export class GatewayMetrics extends HttpMetrics {
  readonly sales = new Tally(this.registry, {
    name: 'b2b_gateway_sales_total',
    help: 'Sales by what became of them',
    label: 'result',
  });
  readonly forged = new Counter({
    name: 'b2b_gateway_redis_forged_total',
    help: 'Entries in Redis that no gateway with this REDIS_SEAL_KEY wrote; each counts as absent',
    registers: [this.registry],
  });

  constructor(readings: Readings) {
    super('gateway', readings);
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
  }
}
