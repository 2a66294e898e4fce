import { currencyCode } from '@b2b-charge/contracts';
import { amountOut, toNumber, toNumberOrNull, totalOut } from '@b2b-charge/http/amounts';
import type { Fields } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

const balanceView = z
  .object({
    vendor_id: z.int(),
    balance: amountOut,
    currency: currencyCode,
    /** Number of the last transaction that is in the balance. */
    seq: z.int(),
    at: z.iso.datetime().nullable(),
    name: z.string().optional(),
    status: z.enum(['active', 'suspended']).optional(),
    daily_limit: amountOut.nullable().optional(),
    charged_today: totalOut.optional(),
    business_day: z.string().optional(),
  })
  .meta({ id: 'Balance' });

export const getBalance = (fields: Fields) =>
  defineRoute({
    method: 'GET',
    path: '/api/vendors/balance/',
    operationId: 'getBalance',
    summary: 'The own balance, now or at a point in time',
    tag: 'vendors',
    access: 'vendor',
    query: z.strictObject({ at: fields.instant.optional() }),
    replies: { 200: balanceView },
    errors: ['NOT_FOUND', 'UNAVAILABLE'],
    async handle({ principal: { vendorId }, query }, gateway) {
      const currency = gateway.config.CURRENCY;
      if (query.at !== undefined) {
        const then = await gateway.ask('ledger.query.balance-at', { vendor_id: vendorId, at: query.at });
        if (!then) return failure('NOT_FOUND');
        return success('BALANCE', { ...then, balance: toNumber(then.balance), currency });
      }
      const vendor = await gateway.ask('ledger.query.vendor', { vendor_id: vendorId });
      if (!vendor) return failure('NOT_FOUND');
      return success('BALANCE', {
        vendor_id: vendor.vendor_id,
        balance: toNumber(vendor.balance),
        currency,
        seq: vendor.seq,
        at: null,
        name: vendor.name,
        status: vendor.status,
        daily_limit: toNumberOrNull(vendor.daily_limit),
        charged_today: toNumber(vendor.charged_today),
        business_day: vendor.business_day,
      });
    },
  });
