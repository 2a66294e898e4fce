import { hash, randomUUID } from 'node:crypto';
import { parseTransactionId, systemMessageId } from '@b2b-charge/contracts';
import { z } from 'zod';
import { type Fields, textField, transactionIdField, vendorIdField } from '../../http/fields.ts';
import { idempotencyKey } from '../../http/idempotency-key.ts';
import { failure, success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { actorOf, principalOf } from '../../tokens/principal.ts';
import { callersTrace } from '../../tracing/callers-trace.ts';
import { replyToCommand } from '../charge-reply.ts';
import { answerTransactions, transactionPage, transactionQuery } from '../list-transactions.ts';
import { showTransaction, transactionView } from '../views.ts';

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
    handle: ({ query: { vendor_id = null, ...query } }, gateway) =>
      answerTransactions(gateway, query, vendor_id),
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
  async handle({ params: { id } }, gateway) {
    if (!parseTransactionId(id)) return failure('NOT_FOUND');
    const transaction = await gateway.ask('ledger.query.transaction', { id });
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
  async handle({ principal, params: { id }, body: { reason }, headers, locale }, gateway) {
    const place = parseTransactionId(id);
    const transaction = place && (await gateway.ask('ledger.query.transaction', { id }));
    if (!transaction) return failure('NOT_FOUND');
    const key = idempotencyKey(headers, null, locale);
    const messageId = key
      ? systemMessageId('admin', hash('sha256', key, 'hex'))
      : systemMessageId('reverse', randomUUID());
    const result = await gateway.commands.send({
      vendorId: place.vendorId,
      messageId,
      command: { type: 'reverse', transaction_id: id, reason },
      principal: principalOf(principal),
      traceparent: callersTrace(headers),
    });
    gateway.securityLog.write(gateway.now(), {
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
