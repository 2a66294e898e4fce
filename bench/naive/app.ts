import {
  fingerprint as fingerprintOf,
  formatMoney,
  type MessageId,
  newPhoneSalt,
  parseMessageId,
} from '@b2b-charge/contracts';
import { SECURITY_HEADERS } from '@b2b-charge/http/envelope';
import { RateLimiter } from '@b2b-charge/http/limits/rate-limiter';
import { createPhoneParser } from '@b2b-charge/http/phones/phone-parser';
import { limitHeaders } from '@b2b-charge/http/rate-limit';
import type { TokenTables } from '@b2b-charge/http/tokens/tables';
import { createKysely, LineLog, maskPhone } from '@b2b-charge/runtime';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Counter, Histogram, Registry } from 'prom-client';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import { createDoor } from './door.ts';
import { createSell } from './sell.ts';
import type { NaiveSettings } from './settings.ts';
import { createVendorLock } from './vendor-lock.ts';

const STATUS = { INSUFFICIENT_BALANCE: 402, VENDOR_INACTIVE: 403 } as const;

export function createNaiveApp(settings: NaiveSettings) {
  const pool = new pg.Pool({
    connectionString: settings.DATABASE_URL,
    max: settings.POOL,
    pipeline: settings.PIPELINE,
    application_name: 'naive',
  } as pg.PoolConfig);
  const redis = new Redis(settings.REDIS_URL, { enableAutoPipelining: true });
  const limiter = new RateLimiter({
    redis,
    prefix: 'naive:',
    defaultLimit: settings.RATE_LIMIT_POINTS,
    windowS: 60,
    now: Date.now,
  });
  const door = createDoor(createKysely<TokenTables>(pool), createPhoneParser('IR'));
  const locked = settings.LOCK ? createVendorLock(redis) : null;
  const sell = createSell(pool, { pipeline: settings.PIPELINE });
  const log = new LineLog('transactions', { folder: settings.LOG_DIR, maxBytes: 67_108_864, keep: 10 });
  const metrics = createMetrics();
  let requests = 0;

  const app = new Hono();
  app.post('/api/charges/sell/', async (context) => {
    const startedAt = performance.now();
    const answer = (status: number, body: object, extra: Record<string, string> = {}): Response => {
      metrics.requests.observe({ operation: 'sell', status }, (performance.now() - startedAt) / 1_000);
      const headers = { ...SECURITY_HEADERS, 'x-request-id': String(requests++), ...extra };
      return new Response(JSON.stringify(body), {
        status,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      });
    };
    const refuse = (status: number, code: string, extra?: Record<string, string>) =>
      answer(status, { success: false, error: { code, message: code }, message: code }, extra);

    const vendor = await door.vendorOf(context.req.header('authorization'));
    if (!vendor) return refuse(401, 'UNAUTHENTICATED');
    const taken = limiter.consume(vendor.vendorId, 1, vendor.rateLimit ?? undefined);
    const verdict = taken instanceof Promise ? await taken : taken;
    const limits = limitHeaders(verdict, Date.now());
    if (!verdict.allowed) return refuse(429, 'RATE_LIMITED', limits);
    const body = door.sale.safeParse(await context.req.json().catch(() => null));
    const key = parseMessageId(context.req.header('idempotency-key') ?? '');
    if (!body.success || key === null) return refuse(400, 'VALIDATION_ERROR', limits);

    const request = {
      type: 'charge',
      phone_number: body.data.phone_number,
      amount: body.data.amount,
    } as const;
    const phoneSalt = newPhoneSalt();
    const command = {
      vendorId: vendor.vendorId,
      messageId: key,
      request,
      fingerprint: fingerprintOf(request, phoneSalt),
      principal: `token:${vendor.tokenId}`,
      phoneSalt,
    };
    const work = () => sell(command);
    const result = locked ? await locked(vendor.vendorId, work) : await work();
    if (result === null) return refuse(503, 'OVERLOADED', limits);
    if (result.kind === 'key-reused') return refuse(422, 'IDEMPOTENCY_KEY_REUSED', limits);
    const { transaction } = result;
    const replayed = result.kind === 'replayed';
    metrics.charges.inc({ result: transaction.reason ?? 'posted' });
    log.write(Date.now(), {
      vendor_id: vendor.vendorId,
      token_id: vendor.tokenId,
      phone: maskPhone(request.phone_number),
      amount: request.amount,
      message_id: key,
      result: transaction.reason ?? 'posted',
      transaction_id: transaction.id,
      replayed,
    });
    const headers = replayed ? { ...limits, 'idempotent-replayed': 'true' } : limits;
    if (transaction.reason !== null) {
      return refuse(STATUS[transaction.reason as keyof typeof STATUS] ?? 422, transaction.reason, headers);
    }
    return answer(200, { success: true, data: view(transaction, key), message: 'Charge sold' }, headers);
  });

  return {
    app,
    close: async () => {
      redis.disconnect();
      await pool.end();
      await log[Symbol.asyncDispose]();
    },
  };
}

const view = (t: Transaction, key: MessageId) => ({
  transaction_id: t.id,
  phone_number: t.phoneNumber,
  amount: Number(formatMoney(t.amount)),
  balance_before: Number(formatMoney(t.balanceBefore)),
  balance_after: Number(formatMoney(t.balanceAfter)),
  idempotency_key: key,
  created_at: new Date(t.createdAtMs).toISOString(),
});

function createMetrics() {
  const registers = [new Registry()];
  return {
    requests: new Histogram({
      name: 'naive_request_seconds',
      help: 'Time from the request to its answer',
      labelNames: ['operation', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 1, 5, 10],
      registers,
    }),
    charges: new Counter({ name: 'naive_charges_total', help: 'Charges', labelNames: ['result'], registers }),
  };
}
