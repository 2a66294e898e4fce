import {
  currencyCode,
  MAX_REFERENCE,
  PRINCIPAL,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
} from '@b2b-charge/contracts';
import { z } from 'zod';
import { toNumber, totalOut } from '../http/amounts.ts';
import { cursorQuery, type Fields, flagQuery, limitQuery, textField } from '../http/fields.ts';
import { success } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import { csvReply } from './transactions-csv.ts';
import { showTransaction, transactionView } from './views.ts';

export const transactionQuery = (fields: Fields) => ({
  type: z.enum(TRANSACTION_TYPES).optional(),
  status: z.enum(TRANSACTION_STATUSES).optional(),
  phone_number: fields.phoneNumber.optional(),
  idempotency_key: textField(255).optional(),
  reference: textField(MAX_REFERENCE).optional(),
  principal: z.string().regex(PRINCIPAL).optional(),
  from: fields.instant.optional(),
  to: fields.instant.optional(),
  summary: flagQuery.optional(),
  format: z.enum(['json', 'csv']).default('json'),
  limit: limitQuery,
  cursor: cursorQuery.optional(),
});

export const transactionPage = z.object({
  transactions: z.array(transactionView),
  next_cursor: z.string().nullable(),
  summary: z
    .object({
      count: z.int(),
      charged: totalOut,
      credited: totalOut,
      reversed: totalOut,
      currency: currencyCode,
      rejected: z.int(),
    })
    .nullable(),
});

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

type Query = z.output<z.ZodObject<ReturnType<typeof transactionQuery>>>;

/** A page of transactions, or all of them as CSV. Null asks for every vendor's. */
export async function answerTransactions(
  gateway: Parameters<typeof csvReply>[0],
  { format, idempotency_key, summary = false, limit, cursor, ...rest }: Query,
  vendorId: number | null,
) {
  const filter = { ...rest, message_id: idempotency_key, vendor_id: vendorId };
  if (format === 'csv') return csvReply(gateway, filter);
  const page = await gateway.ask('ledger.query.transactions', { ...filter, summary, limit, cursor });
  const currency = gateway.config.CURRENCY;
  return success('TRANSACTIONS', {
    transactions: page.transactions.map((transaction) => showTransaction(transaction)),
    next_cursor: page.next_cursor,
    summary: page.summary && {
      ...page.summary,
      charged: toNumber(page.summary.charged),
      credited: toNumber(page.summary.credited),
      reversed: toNumber(page.summary.reversed),
      currency,
    },
  });
}
