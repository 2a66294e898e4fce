import {
  currencyCode,
  MAX_REFERENCE,
  PRINCIPAL,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
} from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { z } from 'zod';
import { toNumber, totalOut } from './amounts.ts';
import type { Ask } from './ask.ts';
import { cursorQuery, type Fields, flagQuery, limitQuery, textField } from './fields.ts';
import { success } from './reply.ts';
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

type Query = z.output<z.ZodObject<ReturnType<typeof transactionQuery>>>;

/** A page of transactions, or all of them as CSV. Null asks for every vendor's. */
export async function answerTransactions(
  service: { readonly ask: Ask; readonly log: Logger; readonly config: { readonly CURRENCY: string } },
  { format, idempotency_key, summary = false, limit, cursor, ...rest }: Query,
  vendorId: number | null,
) {
  const filter = { ...rest, message_id: idempotency_key, vendor_id: vendorId };
  if (format === 'csv') return csvReply(service, filter);
  const page = await service.ask('ledger.query.transactions', { ...filter, summary, limit, cursor });
  const currency = service.config.CURRENCY;
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
