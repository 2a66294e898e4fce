import { DEAD_LETTER_REASONS, deadLetterSchema } from '@b2b-charge/contracts';
import { cursorQuery, keyField, rowIdField, textField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

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
  handle: async ({ query }, backoffice) =>
    success('DEAD_LETTERS', await backoffice.ask('ledger.query.dead-letters', query)),
});

export const resubmitDeadLetter = defineRoute({
  method: 'POST',
  path: '/api/admin/dead-letters/:id/resubmit/',
  operationId: 'resubmitDeadLetter',
  summary: 'Send a dead letter once more, under its own key; with dry_run only say what would be sent',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: deadLetterSchema.shape.id }),
  body: z
    .strictObject({
      /** Why; it is kept, with who did it. */
      note: textField(200),
      /** Another key than its own makes it another command. */
      message_id: keyField.optional(),
      /** Also one that was sent again before. */
      again: z.boolean().default(false),
      dry_run: z.boolean().default(false),
    })
    .meta({ id: 'Resubmission', examples: [{ note: 'The vendor exists by now', dry_run: true }] }),
  replies: {
    200: z
      .object({
        sent: z.boolean(),
        subject: z.string(),
        vendor_id: z.int(),
        message_id: z.string(),
        payload_base64: z.string(),
        outcome: z.string().nullable(),
      })
      .meta({ id: 'Resubmitted' }),
  },
  errors: ['NOT_FOUND', 'NOT_RESUBMITTABLE', 'UNAVAILABLE'],
  async handle({ principal, params: { id }, body, headers, requestId }, backoffice) {
    const by = actorOf(principal);
    const { refused, ...told } = await backoffice.ask(
      'ledger.admin.resubmit-dead-letter',
      { id, ...body, by, origin: requestId },
      { traceparent: callersTrace(headers) },
    );
    if (refused !== null) return failure('NOT_RESUBMITTABLE', { details: { reason: refused } });
    if (!told.sent) return success('DEAD_LETTER_SENDABLE', told);
    backoffice.securityLog.write(backoffice.now(), {
      event: 'DEAD_LETTER_RESUBMITTED',
      by,
      vendor_id: told.vendor_id,
      dead_letter: id,
      message_id: told.message_id,
      note: body.note,
    });
    return success('DEAD_LETTER_RESUBMITTED', told);
  },
});
