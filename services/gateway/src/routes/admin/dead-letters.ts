import { DEAD_LETTER_REASONS, deadLetterSchema } from '@b2b-charge/contracts';
import { z } from 'zod';
import { cursorQuery, rowIdField } from '../../http/fields.ts';
import { success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';

export const listDeadLetters = defineRoute({
  method: 'GET',
  path: '/api/admin/dead-letters/',
  operationId: 'listDeadLetters',
  summary: 'Commands that could not be executed, newest first, with the reason',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({
    reason: z.enum(DEAD_LETTER_REASONS).optional(),
    limit: rowIdField.refine((limit) => limit <= 200, 'field_too_big').default(50),
    cursor: cursorQuery.optional(),
  }),
  replies: {
    200: z.object({
      dead_letters: z.array(deadLetterSchema.meta({ id: 'DeadLetter' })),
      next_cursor: z.string().nullable(),
    }),
  },
  errors: ['UNAVAILABLE'],
  handle: async ({ query }, gateway) =>
    success('DEAD_LETTERS', await gateway.ask('ledger.query.dead-letters', query)),
});
