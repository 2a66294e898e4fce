import { AUDIT_CALLS, checkpointSchema } from '@b2b-charge/contracts';
import { failure, success } from '@b2b-charge/http/reply';
import { defineRoute } from './define-route.ts';

export const getAuditKeys = defineRoute({
  method: 'GET',
  path: '/api/audit/keys/',
  operationId: 'getAuditKeys',
  summary: 'Public keys that sign receipts and checkpoints',
  tag: 'system',
  access: 'public',
  replies: { 200: AUDIT_CALLS['audit.keys'].response },
  errors: ['UNAVAILABLE'],
  handle: async (_request, gateway) => success('AUDIT_KEYS', await gateway.ask('audit.keys', {})),
});

export const getCheckpoint = defineRoute({
  method: 'GET',
  path: '/api/audit/checkpoint/',
  operationId: 'getCheckpoint',
  summary: 'The newest signed state of all books, to be kept outside of the system',
  tag: 'system',
  access: 'vendor',
  replies: { 200: checkpointSchema.meta({ id: 'Checkpoint' }) },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle(_request, gateway) {
    const checkpoint = await gateway.ask('audit.checkpoint', {});
    return checkpoint ? success('CHECKPOINT', checkpoint) : failure('NOT_FOUND');
  },
});
