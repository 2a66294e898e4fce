import type { Outcome } from '@b2b-charge/contracts';
import type { SendOptions } from './options.ts';

/** What a copy of a command is made of. */
export type Publication = Pick<
  SendOptions,
  'vendorId' | 'messageId' | 'command' | 'principal' | 'traceparent'
> & {
  readonly expiresAtMs: number;
};

/** A command that awaits its outcome. */
export interface Pending extends Publication {
  readonly giveUpAtMs: number;
  /** On the clock of performance.now(). */
  readonly sentAt: number;
  lookupAtMs: number;
  resendAtMs: number;
  /** How often it was published. */
  copies: number;
  accepted: boolean;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}
