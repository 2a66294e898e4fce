import type { ServiceName } from '@b2b-charge/contracts';
import type { Registry } from 'prom-client';
import { BackofficeMetrics } from '../services/backoffice/src/metrics.ts';
import { createMetrics as creditsMetrics } from '../services/credits/src/metrics.ts';
import { GatewayMetrics } from '../services/gateway/src/metrics.ts';
import { createMetrics as ledgerMetrics } from '../services/ledger/src/metrics/metrics.ts';
import { createMetrics as auditMetrics } from '../services/reconciler/src/metrics.ts';
import { createMetrics as webhookMetrics } from '../services/webhooks/src/metrics.ts';

export interface DescribedMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Every metric of every service, from the registries that they serve, without starting anything. */
export function serviceMetrics(): { service: ServiceName; metrics: DescribedMetric[] }[] {
  const none = { hits: 0, misses: 0 };
  const gateway = new GatewayMetrics({
    checks: async () => ({}),
    laneLagMs: () => 0,
    tokensKnown: () => 0,
    caches: () => ({ tokens: none, outcomes: none }),
  });
  const backoffice = new BackofficeMetrics({
    laneLagMs: () => 0,
    tokensKnown: () => 0,
    caches: () => ({ tokens: none }),
  });
  const registries: Record<ServiceName, Registry> = {
    gateway: gateway.registry,
    backoffice: backoffice.registry,
    ledger: ledgerMetrics().registry,
    credits: creditsMetrics().registry,
    reconciler: auditMetrics().registry,
    webhooks: webhookMetrics().registry,
  };
  return (Object.keys(registries) as ServiceName[]).map((service) => ({
    service,
    metrics: registries[service].getMetricsAsArray() as unknown as DescribedMetric[],
  }));
}
