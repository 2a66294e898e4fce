import { hash, randomUUID } from 'node:crypto';
import { parseTransactionId, systemMessageId } from '@b2b-charge/contracts';
import { replyToCommand } from '@b2b-charge/http/commands/command-reply';
import { type Fields, textField, transactionIdField, vendorIdField } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf, principalOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { answerTransactions, transactionPage, transactionQuery } from '@b2b-charge/http/transaction-pages';
import { showTransaction, transactionView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

const byId = z.object({ id: transactionIdField });

export const searchTransactions = (fields: Fields) =>
  defineRoute({
    method: 'GET',
    path: '/api/admin/transactions/',
    operationId: 'searchTransactions',
    summary: 'Transactions of all vendors or one, newest first; as JSON pages or as one CSV stream',
    tag: 'admin',
    access: 'admin',
    query: z.strictObject({ ...transactionQuery(fields), vendor_id: vendorIdField.optional() }),
    replies: { 200: transactionPage },
    media: ['text/csv'],
    errors: ['UNAVAILABLE'],
    handle: ({ query: { vendor_id = null, ...query } }, backoffice) =>
      answerTransactions(backoffice, query, vendor_id),
  });

export const getAnyTransaction = defineRoute({
  method: 'GET',
  path: '/api/admin/transactions/:id/',
  operationId: 'getAnyTransaction',
  summary: 'A transaction of any vendor',
  tag: 'admin',
  access: 'admin',
  params: byId,
  replies: { 200: transactionView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ params: { id } }, backoffice) {
    if (!parseTransactionId(id)) return failure('NOT_FOUND');
    const transaction = await backoffice.ask('ledger.query.transaction', { id });
    return transaction ? success('TRANSACTION', showTransaction(transaction)) : failure('NOT_FOUND');
  },
});

export const reverseTransaction = defineRoute({
  method: 'POST',
  path: '/api/admin/transactions/:id/reverse/',
  operationId: 'reverseTransaction',
  summary: 'Give the amount of a posted charge back, once',
  tag: 'admin',
  access: 'admin',
  takesKey: true,
  params: byId,
  body: z
    .strictObject({ reason: textField(200) })
    .meta({ id: 'Reversal', examples: [{ reason: 'Wrong number' }] }),
  replies: { 200: transactionView },
  errors: [
    'NOT_FOUND',
    'ALREADY_REVERSED',
    'NOT_REVERSIBLE',
    'IDEMPOTENCY_KEY_REUSED',
    'EXPIRED',
    'UNAVAILABLE',
    'OVERLOADED',
  ],
  async handle({ principal, params: { id }, body: { reason }, headers, locale }, backoffice) {
    const place = parseTransactionId(id);
    const transaction = place && (await backoffice.ask('ledger.query.transaction', { id }));
    if (!transaction) return failure('NOT_FOUND');
    const key = idempotencyKey(headers, null, locale);
    const messageId = key
      ? systemMessageId('admin', hash('sha256', key, 'hex'))
      : systemMessageId('reverse', randomUUID());
    const result = await backoffice.commands.send({
      vendorId: place.vendorId,
      messageId,
      command: { type: 'reverse', transaction_id: id, reason },
      principal: principalOf(principal),
      traceparent: callersTrace(headers),
    });
    backoffice.securityLog.write(backoffice.now(), {
      event: 'REVERSAL',
      by: actorOf(principal),
      transaction_id: id,
      reason,
      result: result.kind,
    });
    return replyToCommand(result, messageId, (reversal) =>
      success('TRANSACTION_REVERSED', showTransaction(reversal)),
    );
  },
});
