import {
  type CallRequest,
  MAX_REFERENCE,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
} from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { textField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { dayInput, plainNumber } from '../http/inputs.ts';

const DAY_MS = 86_400_000;

/** What a list of transactions may be asked for. */
export const transactionFilters = {
  type: z.enum(TRANSACTION_TYPES).optional(),
  status: z.enum(TRANSACTION_STATUSES).optional(),
  phone: textField(40).optional(),
  key: textField(255).optional(),
  reference: textField(MAX_REFERENCE).optional(),
  principal: textField(255).optional(),
  from: dayInput.optional(),
  to: dayInput.optional(),
};
export type TransactionFilters = z.output<z.ZodObject<typeof transactionFilters>>;

/** The same as the ledger is asked. The last day is included. Throws Refusal on a phone number that is none. */
export function transactionFilter(
  { fields }: Pick<Desk, 'fields'>,
  { type, status, phone, key, reference, principal, from, to }: TransactionFilters,
): CallRequest<'ledger.query.transactions'> {
  const number = phone === undefined ? undefined : fields.phoneNumber.safeParse(plainNumber(phone));
  if (number && !number.success) throw new Refusal('VALIDATION_ERROR');
  const startOf = (day: string, days = 0) =>
    fields.instant.parse(new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10));
  return {
    type,
    status,
    phone_number: number?.data,
    message_id: key,
    reference,
    principal,
    from: from && startOf(from),
    to: to && startOf(to, 1),
  };
}
