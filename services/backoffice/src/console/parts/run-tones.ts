import type { AuditRun } from '@b2b-charge/contracts';
import type { Tone } from './values.ts';

/** The colour of how an audit ended, wherever it is shown. */
export const RUN_TONES: Record<AuditRun['status'], Tone> = {
  running: 'plain',
  verified: 'good',
  minor: 'warn',
  critical: 'bad',
  failed: 'bad',
};
