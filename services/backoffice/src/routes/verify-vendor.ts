import { flagQuery, vendorIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { replyToVerification, verificationView } from '@b2b-charge/http/verification';
import { auditRunView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

const RUN_WAIT_MS = 4_000;

export const verifyVendor = defineRoute({
  method: 'GET',
  path: '/api/admin/balance/verify/',
  operationId: 'verifyVendor',
  summary: 'Check one balance against its transactions, now; without vendor_id all of them',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({ vendor_id: vendorIdField.optional(), full: flagQuery.optional() }),
  replies: { 200: z.union([verificationView, auditRunView]) },
  errors: ['NOT_FOUND', 'RUN_IN_PROGRESS', 'UNAVAILABLE'],
  async handle({ principal, query: { vendor_id, full = false } }, backoffice) {
    if (vendor_id === undefined) {
      const run = await backoffice.ask('audit.run', {
        mode: full ? 'full' : 'incremental',
        by: actorOf(principal),
        wait_ms: RUN_WAIT_MS,
      });
      return success('REPORT', run);
    }
    const verified = await backoffice.ask('audit.verify', { vendor_id, full });
    return verified ? replyToVerification(verified, backoffice.config.CURRENCY) : failure('NOT_FOUND');
  },
});
