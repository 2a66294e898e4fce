import { type CommandBody, formatMoney, type Money, ZERO } from '@b2b-charge/contracts';
import { type Effect, reject } from '../effect.ts';
import type { VendorState } from '../vendor-state.ts';

/** A vendor's sums, calculated from its transactions alone. */
export interface Recalculation {
  readonly balance: Money;
  readonly chargedToday: Money;
  /** What the vendor's row said before. */
  readonly storedBalance: Money;
}

/**
 * Sets the stored copies to what the transactions add up to. If even the chain's own last balance contradicts the sum,
 * the history itself was changed: nothing to set it to, people must look.
 */
export function rebuild(state: VendorState, body: CommandBody<'rebuild.v1'>, sums: Recalculation): Effect {
  const row = { type: 'rebuild', amount: ZERO } as const;
  const details = {
    ...(body.reason === undefined ? {} : { reason: body.reason }),
    stored_balance: formatMoney(sums.storedBalance),
    calculated_balance: formatMoney(sums.balance),
    stored_charged_today: formatMoney(state.chargedToday),
    calculated_charged_today: formatMoney(sums.chargedToday),
  };
  if (sums.balance !== state.balance) return reject(row, 'HISTORY_INCONSISTENT', details);
  return {
    ...row,
    reason: null,
    balance: ZERO,
    held: ZERO,
    details,
    change: { chargedToday: sums.chargedToday },
  };
}
