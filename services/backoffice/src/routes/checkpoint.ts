import { checkpointSchema } from '@b2b-charge/contracts';
import { failure, success } from '@b2b-charge/http/reply';
import { defineRoute } from './define-route.ts';

export const getAdminCheckpoint = defineRoute({
  method: 'GET',
  path: '/api/admin/audit/checkpoint/',
  operationId: 'getAdminCheckpoint',
  summary: 'The newest signed state of all books, to be kept outside of the system',
  tag: 'admin',
  access: 'admin',
  replies: { 200: checkpointSchema.meta({ id: 'Checkpoint' }) },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle(_request, backoffice) {
    const checkpoint = await backoffice.ask('audit.checkpoint', {});
    return checkpoint ? success('CHECKPOINT', checkpoint) : failure('NOT_FOUND');
  },
});
