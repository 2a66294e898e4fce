import {
  parseTransactionId,
  receiptSchema,
  type TransactionView,
  type VendorId,
} from '@b2b-charge/contracts';
import { transactionIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { showTransaction, transactionView } from '@b2b-charge/http/views';
import { z } from 'zod';
import type { Gateway } from '../gateway.ts';
import { defineRoute } from './define-route.ts';

/** An id tells whose transaction it is, if it is one of ours at all. */
const isOf = (vendorId: VendorId, id: string): boolean => parseTransactionId(id)?.vendorId === vendorId;

/** Null if the vendor has none of that id. */
export const ownTransaction = async (
  { ask }: Pick<Gateway, 'ask'>,
  vendorId: VendorId,
  id: string,
): Promise<TransactionView | null> =>
  isOf(vendorId, id) ? ask('ledger.query.transaction', { vendor_id: vendorId, id }) : null;

export const getTransaction = defineRoute({
  method: 'GET',
  path: '/api/transactions/:id/',
  operationId: 'getTransaction',
  summary: 'One of the own transactions',
  tag: 'transactions',
  access: 'vendor',
  params: z.object({ id: transactionIdField }),
  replies: { 200: transactionView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal: { vendorId }, params: { id } }, gateway) {
    const transaction = await ownTransaction(gateway, vendorId, id);
    return transaction ? success('TRANSACTION', showTransaction(transaction)) : failure('NOT_FOUND');
  },
});

export const getReceipt = defineRoute({
  method: 'GET',
  path: '/api/transactions/:id/receipt/',
  operationId: 'getReceipt',
  summary: 'A signed receipt, which can be checked offline',
  tag: 'transactions',
  access: 'vendor',
  params: z.object({ id: transactionIdField }),
  replies: { 200: receiptSchema.meta({ id: 'Receipt' }) },
  errors: ['NOT_FOUND', 'NOT_CONFIGURED', 'NOT_PROVEN', 'UNAVAILABLE'],
  async handle({ principal: { vendorId }, params: { id } }, gateway) {
    if (!isOf(vendorId, id)) return failure('NOT_FOUND');
    const receipt = await gateway.ask('audit.receipt', { vendor_id: vendorId, transaction_id: id });
    return receipt ? success('RECEIPT', receipt) : failure('NOT_FOUND');
  },
});
