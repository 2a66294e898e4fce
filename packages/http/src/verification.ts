import { type CallResponse, currencyCode, findingSchema, LEVELS } from '@b2b-charge/contracts';
import { z } from 'zod';
import { amountOut, toNumber, totalOut } from './amounts.ts';
import { type Success, success } from './reply.ts';

export const verificationView = z
  .object({
    vendor_id: z.int(),
    name: z.string(),
    level: z.enum(LEVELS),
    balance: amountOut,
    calculated_balance: totalOut,
    discrepancy: totalOut,
    currency: currencyCode,
    seq: z.int(),
    transactions_checked: z.int(),
    checked_at: z.string(),
    findings: z.array(findingSchema),
  })
  .meta({ id: 'Verification' });

/** Returns the answer that says whether a balance agrees with its transactions. */
export const replyToVerification = (
  verified: NonNullable<CallResponse<'audit.verify'>>,
  currency: string,
): Success =>
  success(verified.level === 'VERIFIED' ? 'BALANCE_VERIFIED' : 'BALANCE_DISCREPANCY', {
    ...verified,
    balance: toNumber(verified.balance),
    calculated_balance: toNumber(verified.calculated_balance),
    discrepancy: toNumber(verified.discrepancy),
    currency,
  });
