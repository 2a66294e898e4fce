import type { CheckName } from '@b2b-charge/contracts';

/** What to do about a finding; docs/reconciler.md says more. */
export const ADVICE: Record<CheckName, string> = {
  'no-overdraft': 'Suspend the vendor and find who wrote to the database: no command can do this.',
  'exactly-once': 'Compare the outcome with the command log and the backups; do not rebuild.',
  serial: 'Check the ledger processes and their lanes, then compare the rows with the backups.',
  conservation: 'The row was changed after it was written: restore it from a backup; do not rebuild.',
  chain: 'The history was changed: suspend the vendor and restore its rows from a backup.',
  'append-only': 'History that was audited before is gone or changed: restore it from a backup.',
  'no-silent-loss': 'Find out what became of the command, then send it again under the same message id.',
  'bounded-doubt':
    'Compare the clocks of the database and of the publisher; the sale may have been refunded.',
  tenancy: 'Reverse what was done with the other vendor, and find out how it came about.',
  'stored-balance': 'A minor one: run with --fix. A critical one: find who changed it first.',
  'daily-counter': 'A minor one: run with --fix. A critical one: find who changed it first.',
  reversals: 'Suspend the vendor and charge back what was given without a sale.',
  'credit-requests':
    'Compare with the bank and the audit trail of the credits; suspend the vendor if in doubt.',
  'redis-copies':
    'Keep the cached balance, because it may be right and the books wrong. Audit the vendor in full first: ' +
    '--vendor-id=N --full --report. If the books hold, run with --fix, or delete the cached balance.',
  witness:
    'Find out who can delete streams or messages, and keep the NATS store. Full audit first; once it is explained: ' +
    '--full --restart-checkpoints.',
  checkpoint:
    'Compare with the checkpoints published on audit.reports; someone changed what the auditor keeps.',
};
