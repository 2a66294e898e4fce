import type { MessageId } from '@b2b-charge/contracts';
import { replyToPending } from '@b2b-charge/http/commands/command-reply';
import { type Fields, keyField, transactionIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { showTransaction, transactionView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';
import { ownTransaction } from './get-transaction.ts';
import { pendingView } from './sell-charge.ts';

export const getCharge = defineRoute({
  method: 'GET',
  path: '/api/charges/:id/',
  operationId: 'getCharge',
  summary: 'A charge by the id of its transaction',
  tag: 'charges',
  access: 'vendor',
  params: z.object({ id: transactionIdField }),
  replies: { 200: transactionView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal: { vendorId }, params: { id } }, gateway) {
    const transaction = await ownTransaction(gateway, vendorId, id);
    return transaction?.type === 'charge'
      ? success('CHARGE_FOUND', showTransaction(transaction))
      : failure('NOT_FOUND');
  },
});

/** The answer to doubt: whoever got none, or 202, learns here what became of the sale. */
export const getChargeByKey = (fields: Fields) =>
  defineRoute({
    method: 'GET',
    path: '/api/charges/by-key/:key/',
    operationId: 'getChargeByKey',
    summary: 'What became of the sale with this Idempotency-Key; 202 while it is open',
    tag: 'charges',
    access: 'vendor',
    params: z.object({ key: keyField }),
    query: z.strictObject({ expires_at: fields.instant.optional() }),
    replies: { 200: transactionView, 202: pendingView },
    errors: ['NOT_FOUND', 'NEVER_EXECUTED', 'UNAVAILABLE'],
    async handle({ principal: { vendorId }, params: { key }, query }, gateway) {
      const messageId = key as MessageId;
      const { charges } = gateway;
      const remembered = await charges.deadlineOf(vendorId, messageId);
      const told = query.expires_at === undefined ? null : Date.parse(query.expires_at);
      // The later of the two: a key that was sent again has a later deadline than the one that Redis may still hold.
      const expiresAtMs =
        remembered === null || told === null ? (remembered ?? told) : Math.max(remembered, told);
      const { outcome, never_executed } = await gateway.ask('ledger.query.outcome', {
        vendor_id: vendorId,
        message_id: messageId,
        expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
      });
      if (outcome?.outcome === 'posted') return success('CHARGE_FOUND', showTransaction(outcome.transaction));
      if (outcome?.outcome === 'rejected' && outcome.transaction) {
        return success('CHARGE_FOUND', showTransaction(outcome.transaction));
      }
      if (charges.awaits(vendorId, messageId)) {
        return replyToPending(key, gateway.now() + gateway.config.CHARGE_DEADLINE_MS);
      }
      if (never_executed || outcome?.outcome === 'expired') return failure('NEVER_EXECUTED');
      return expiresAtMs === null ? failure('NOT_FOUND') : replyToPending(key, expiresAtMs);
    },
  });
