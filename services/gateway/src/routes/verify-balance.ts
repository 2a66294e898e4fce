import { currencyCode, findingSchema, LEVELS } from '@b2b-charge/contracts';
import { z } from 'zod';
import { amountOut, toNumber, totalOut } from '../http/amounts.ts';
import { flagQuery, vendorIdField } from '../http/fields.ts';
import { failure, success } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import { actorOf } from '../tokens/principal.ts';
import { auditRunView } from './views.ts';

const RUN_WAIT_MS = 4_000;

const verificationView = z
  .object({
    vendor_id: z.int(),
    name: z.string(),
    level: z.enum(LEVELS),
    balance: amountOut,
    calculated_balance: totalOut,
    discrepancy: totalOut,
    currency: currencyCode,
    seq: z.int(),
    transactions_checked: z.int(),
    checked_at: z.string(),
    findings: z.array(findingSchema),
  })
  .meta({ id: 'Verification' });

export const verifyBalance = defineRoute({
  method: 'GET',
  path: '/api/balance/verify/',
  operationId: 'verifyBalance',
  summary: "Check a balance against its transactions, now: a vendor's own; for an admin one vendor's or all",
  tag: 'vendors',
  access: 'any',
  query: z.strictObject({ vendor_id: vendorIdField.optional(), full: flagQuery.optional() }),
  replies: { 200: z.union([verificationView, auditRunView]) },
  errors: ['FORBIDDEN', 'NOT_FOUND', 'RUN_IN_PROGRESS', 'UNAVAILABLE'],
  async handle({ principal, query: { vendor_id, full = false } }, gateway) {
    if (principal.role === 'vendor' && vendor_id !== undefined && vendor_id !== principal.vendorId) {
      return failure('FORBIDDEN');
    }
    const vendorId = principal.role === 'vendor' ? principal.vendorId : vendor_id;
    if (vendorId === undefined) {
      const run = await gateway.ask('audit.run', {
        mode: full ? 'full' : 'incremental',
        by: actorOf(principal),
        wait_ms: RUN_WAIT_MS,
      });
      return success('REPORT', run);
    }
    const verified = await gateway.ask('audit.verify', { vendor_id: vendorId, full });
    if (!verified) return failure('NOT_FOUND');
    return success(verified.level === 'VERIFIED' ? 'BALANCE_VERIFIED' : 'BALANCE_DISCREPANCY', {
      ...verified,
      balance: toNumber(verified.balance),
      calculated_balance: toNumber(verified.calculated_balance),
      discrepancy: toNumber(verified.discrepancy),
      currency: gateway.config.CURRENCY,
    });
  },
});
