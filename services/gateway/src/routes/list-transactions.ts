import type { Fields } from '@b2b-charge/http/fields';
import { answerTransactions, transactionPage, transactionQuery } from '@b2b-charge/http/transaction-pages';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

export const listTransactions = (fields: Fields) =>
  defineRoute({
    method: 'GET',
    path: '/api/transactions/',
    operationId: 'listTransactions',
    summary: 'The own transactions, newest first; as JSON pages or as one CSV stream',
    tag: 'transactions',
    access: 'vendor',
    query: z.strictObject(transactionQuery(fields)),
    replies: { 200: transactionPage },
    media: ['text/csv'],
    errors: ['UNAVAILABLE'],
    async handle({ principal, query }, gateway) {
      return answerTransactions(gateway, query, principal.vendorId);
    },
  });
