import type { CreditRequest } from '@b2b-charge/contracts';
import type { Tone } from './values.ts';

/** The colour of a credit request's status, wherever it is shown: what waits for somebody stands out. */
export const CREDIT_TONES: Record<CreditRequest['status'], Tone> = {
  pending: 'warn',
  approved: 'plain',
  posted: 'good',
  rejected: 'bad',
  cancelled: 'plain',
};
