import { raw, success } from '@b2b-charge/http/reply';
import { z } from 'zod';
import { DEPENDENCIES } from '../health.ts';
import { defineRoute } from './define-route.ts';

const part = z.enum(['ok', 'down']);
const latency = z.number().describe('Milliseconds that the answer took');
const healthView = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    postgres: part,
    redis: part.describe('Whether it takes a write; without it, sales that have a key go on'),
    nats: part,
    log: part.describe('Whether the command stream is there and below its limits'),
    ledger: part,
    clock: part.describe("Whether this gateway's clock agrees with PostgreSQL's (CLOCK_OFFSET_LIMIT_MS)"),
    latency_ms: z.object({
      postgres: latency,
      redis: latency,
      nats: latency,
      log: latency,
      ledger: latency,
      clock: latency,
    }),
    lanes: z
      .object({
        total: z.int(),
        without_owner: z.array(z.int()).describe('Lanes whose commands nobody decides at this moment'),
        lag_ms: z.int().describe('Age of the oldest command of this gateway that has no answer yet'),
      })
      .nullable()
      .describe('Null while no ledger answers'),
  })
  .meta({ id: 'Health' });

export const getHealth = defineRoute({
  method: 'GET',
  path: '/api/health/',
  operationId: 'getHealth',
  summary: 'Whether what a sale needs is there; 503 if not',
  tag: 'system',
  access: 'public',
  operational: true,
  replies: { 200: healthView, 503: healthView },
  errors: [],
  async handle(_request, gateway) {
    const { checks, lanes } = await gateway.health();
    const names = DEPENDENCIES;
    const isUp = (name: (typeof names)[number]) => checks[name].trouble === null;
    const free = lanes?.withoutOwner ?? [];
    // Without Redis, sales that have a key go on; those of vendors on other lanes do, too.
    const sells = names.every((name) => isUp(name) || name === 'redis') && free.length < (lanes?.total ?? 0);
    const status = !sells ? 'down' : isUp('redis') && free.length === 0 ? 'ok' : 'degraded';
    return success(
      status === 'ok' ? 'HEALTHY' : 'UNHEALTHY',
      {
        status,
        ...Object.fromEntries(names.map((name) => [name, isUp(name) ? 'ok' : 'down'])),
        latency_ms: Object.fromEntries(names.map((name) => [name, checks[name].latencyMs])),
        lanes: lanes && {
          total: lanes.total,
          without_owner: [...free],
          lag_ms: Math.round(lanes.lagMs),
        },
      },
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
  operational: true,
  replies: { 200: null },
  media: ['text/plain'],
  errors: [],
  async handle(_request, { metrics: { registry } }) {
    return raw(200, { 'content-type': registry.contentType }, await registry.metrics());
  },
});
