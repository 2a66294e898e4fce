import { z } from 'zod';
import { raw, success } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';

const part = z.enum(['ok', 'down']);
const healthView = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    postgres: part,
    redis: part,
    nats: part,
    ledger: part,
  })
  .meta({ id: 'Health' });

export const getHealth = defineRoute({
  method: 'GET',
  path: '/api/health/',
  operationId: 'getHealth',
  summary: 'Whether charges can be sold; 503 if not',
  tag: 'system',
  access: 'public',
  replies: { 200: healthView, 503: healthView },
  errors: [],
  async handle(_request, gateway) {
    const report = await gateway.health();
    const parts = Object.fromEntries(
      Object.entries(report).map(([name, trouble]) => [name, trouble === null ? 'ok' : 'down']),
    );
    // Without Redis, sales that have a key go on.
    const sells = Object.entries(parts).every(([name, state]) => state === 'ok' || name === 'redis');
    const status = !sells ? 'down' : parts.redis === 'ok' ? 'ok' : 'degraded';
    return success(
      status === 'ok' ? 'HEALTHY' : 'UNHEALTHY',
      { status, ...parts },
      { status: sells ? 200 : 503 },
    );
  },
});

export const getMetrics = defineRoute({
  method: 'GET',
  path: '/api/metrics/',
  operationId: 'getMetrics',
  summary: 'Metrics in the Prometheus text format',
  tag: 'system',
  access: 'public',
  replies: { 200: null },
  media: ['text/plain'],
  errors: [],
  async handle(_request, { metrics: { registry } }) {
    return raw(200, { 'content-type': registry.contentType }, await registry.metrics());
  },
});
