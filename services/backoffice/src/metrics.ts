import { HttpMetrics, type HttpReadings } from '@b2b-charge/http/metrics';

/** Everything that the back office counts. */
export class BackofficeMetrics extends HttpMetrics {
  constructor(readings: HttpReadings<'tokens'>) {
    super('backoffice', readings);
  }
}
