import { flagQuery, vendorIdField } from '@b2b-charge/http/fields';
import { failure } from '@b2b-charge/http/reply';
import { replyToVerification, verificationView } from '@b2b-charge/http/verification';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

export const verifyBalance = defineRoute({
  method: 'GET',
  path: '/api/balance/verify/',
  operationId: 'verifyBalance',
  summary: 'Check the own balance against its transactions, now',
  tag: 'vendors',
  access: 'vendor',
  query: z.strictObject({ vendor_id: vendorIdField.optional(), full: flagQuery.optional() }),
  replies: { 200: verificationView },
  errors: ['FORBIDDEN', 'NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, query: { vendor_id, full = false } }, gateway) {
    if (vendor_id !== undefined && vendor_id !== principal.vendorId) return failure('FORBIDDEN');
    const verified = await gateway.ask('audit.verify', { vendor_id: principal.vendorId, full });
    return verified ? replyToVerification(verified, gateway.config.CURRENCY) : failure('NOT_FOUND');
  },
});
