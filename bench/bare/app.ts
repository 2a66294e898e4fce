import path from 'node:path';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Counter, Histogram, Registry } from 'prom-client';
import { createLimit, createTokens, isPhone, readBody, traceContext } from './checks.ts';
import type { Sender } from './sender.ts';
import type { BareSettings } from './settings.ts';
import type { Reply } from './wire.ts';

const KEPT_MS = 60_000;
const MINOR_UNITS = 100;

interface Sold {
  readonly vendorId: number;
  readonly phoneNumber: string;
  readonly key: string;
  readonly requestId: string;
  readonly traceparent: string | null;
  readonly reply: Reply;
}

/** The bare gateway: a sale goes into the log and is answered; everything else is an extra. */
export function createBareApp(settings: BareSettings, sender: Sender): Hono {
  const { EXTRAS: extras, VENDORS } = settings;
  const vendorByToken = createTokens(VENDORS);
  const withinLimit = createLimit();
  const remember = extras.has('redis') ? createMemory(settings.REDIS_URL) : null;
  const record = createRecord(settings);
  let requests = 0;
  const app = new Hono();
  app.post('/sell/:vendor', async (context) => {
    const startedAt = performance.now();
    const vendorId = extras.has('token')
      ? vendorByToken(context.req.header('authorization') ?? '')
      : Number(context.req.param('vendor'));
    if (vendorId === null) return context.json({ error: 'unknown token' }, 401);
    if (extras.has('limit') && !withinLimit(vendorId, Date.now()))
      return context.json({ error: 'rate limit' }, 429);
    const body = readBody(extras, await context.req.json(), context.req.header('idempotency-key') ?? '');
    if (body === null) return context.json({ error: 'invalid body or key' }, 400);
    const { phone_number: phoneNumber, key } = body;
    if (extras.has('phone') && !isPhone(phoneNumber)) return context.json({ error: 'no phone number' }, 400);
    const traceparent = extras.has('trace') ? traceContext(context.req.header('traceparent')) : null;
    const amount = Math.round(body.amount * MINOR_UNITS);
    if (remember) await remember.mark(vendorId, key);
    const reply = await sender.send({ vendorId, phoneNumber, amount, key, traceparent });
    remember?.keep(vendorId, key, reply);
    const sold = { vendorId, phoneNumber, key, requestId: `r${requests++}`, traceparent, reply };
    record(sold, performance.now() - startedAt);
    return extras.has('headers') ? fullResponse(sold, body.amount) : bareResponse(sold);
  });
  return app;
}

/** The mark and the stored result of a key. */
function createMemory(url: string) {
  const redis = new Redis(url, { enableAutoPipelining: true });
  const name = (vendorId: number, key: string) => `bare:${vendorId}:${key}`;
  return {
    mark: (vendorId: number, key: string) => redis.set(name(vendorId, key), '1', 'PX', KEPT_MS, 'NX'),
    keep: (vendorId: number, key: string, reply: Reply) =>
      void redis.set(name(vendorId, key), JSON.stringify(reply), 'PX', KEPT_MS),
  };
}

function createRecord({ EXTRAS: extras, LOG_DIR }: BareSettings): (sold: Sold, ms: number) => void {
  const dest = path.join(LOG_DIR, 'bare-access.log');
  const log = extras.has('log') ? pino(pino.destination({ dest, sync: false, minLength: 4_096 })) : null;
  const registers = [new Registry()];
  const seconds = new Histogram({
    name: 'bare_request_seconds',
    help: 'Time from the request to its response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 1, 5, 10],
    registers,
  });
  const charges = new Counter({
    name: 'bare_charges_total',
    help: 'Charges',
    labelNames: ['result'],
    registers,
  });
  return ({ vendorId, phoneNumber, key, requestId, traceparent, reply: [, posted, seq] }, ms) => {
    const result = posted ? 'posted' : 'rejected';
    if (extras.has('metrics')) {
      seconds.observe({ method: 'POST', route: '/sell/:vendor', status: 200 }, ms / 1_000);
      charges.inc({ result });
    }
    log?.info(
      {
        ...{ request_id: requestId, method: 'POST', route: '/sell/:vendor', status: posted ? 200 : 402 },
        ...{ duration_ms: ms, vendor_id: vendorId, phone: `${phoneNumber.slice(0, 6)}***`, result },
        ...{ idempotency_key: key, transaction: seq, traceparent },
      },
      'request',
    );
  };
}

function bareResponse({ reply: [, posted, seq, before, after] }: Sold): Response {
  return new Response(JSON.stringify({ success: posted, seq, before, after }), {
    status: posted ? 200 : 402,
    headers: { 'content-type': 'application/json' },
  });
}

/** As many headers and fields as the service returns. */
function fullResponse(sold: Sold, amount: number): Response {
  const { vendorId, phoneNumber, key, requestId, traceparent, reply } = sold;
  const [, posted, seq, before, after] = reply;
  const data = {
    transaction_id: `01a22e45-2cba-8000-${String(vendorId).padStart(4, '0').slice(-4)}-${String(seq).padStart(12, '0')}`,
    phone_number: phoneNumber,
    amount,
    currency: 'IRR',
    balance_before: before / MINOR_UNITS,
    balance_after: after / MINOR_UNITS,
    idempotency_key: key,
    created_at: new Date().toISOString(),
  };
  return new Response(JSON.stringify({ success: posted, data, message: 'Charge sold' }), {
    status: posted ? 200 : 402,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-request-id': requestId,
      'ratelimit-limit': '1000000000',
      'ratelimit-remaining': '999999999',
      'ratelimit-reset': '60',
      ...(traceparent === null ? {} : { traceparent }),
    },
  });
}
