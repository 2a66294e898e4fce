/** Whole messages, as the services send them, for tests. */

export const AT = '2026-11-24T12:00:00.000Z';
export const ID = '01a0c450-96f7-8000-8000-1c0000000002';

export const transaction = {
  transaction_id: ID,
  vendor_id: 7,
  seq: 2,
  type: 'charge',
  amount: '1.00',
  phone_number: '+989123456789',
  balance_before: '2.00',
  balance_after: '1.00',
  phone_erased: false,
  status: 'posted',
  reason: null,
  message_id: 'k',
  idempotency_key: 'k',
  principal: 'system:till',
  source: 'till',
  reference: null,
  metadata: { till: '3' },
  resolves: null,
  operator: null,
  livemode: true,
  business_day: '2026-11-24',
  details: { reason: 'x' },
  created_at: AT,
};
export const rejected = { ...transaction, status: 'rejected', reason: 'INSUFFICIENT_BALANCE' };
export const rejectedAs = (code: string, transaction: object | null) => ({
  outcome: 'rejected',
  replayed: false,
  code,
  transaction,
  details: null,
});
export const outcomes = {
  posted: { outcome: 'posted', replayed: false, transaction },
  rejected: rejectedAs('INSUFFICIENT_BALANCE', rejected),
  reused: rejectedAs('IDEMPOTENCY_KEY_REUSED', null),
  expired: { outcome: 'expired', vendor_id: 7, message_id: 'k', expires_at: AT },
  dead: { outcome: 'dead-letter', reason: 'MALFORMED', detail: 'no JSON', message_id: null },
};
export const letter = {
  lane: 3,
  stream_epoch: 1,
  stream_seq: 9,
  subject: 'ledger.commands.3.till.7',
  message_id: null,
  reason: 'MALFORMED',
  detail: 'no JSON',
  payload_base64: '',
  created_at: AT,
};
export const run = (change: object = {}) => ({
  run_id: 1,
  mode: 'full',
  vendor_id: null,
  trigger: 'cli',
  started_by: 'ops',
  status: 'verified',
  started_at: AT,
  finished_at: AT,
  duration_ms: 5,
  vendors_checked: 1,
  transactions_checked: 2,
  commands_checked: 3,
  verified: 1,
  minor: 0,
  minor_fixed: 0,
  critical: 0,
  findings: 0,
  progress: null,
  stored_total: '1.00',
  calculated_total: '1.00',
  notes: ['x'],
  error: null,
  ...change,
});
export const finding = (level: string) => ({
  number: 1,
  check: 'chain',
  level,
  vendor_id: 7,
  seq: 2,
  transaction_id: null,
  expected: '1',
  found: '2',
  message: 'a gap',
  advice: 'restore it',
  fixed: false,
});
export const checkpoint = { checkpoint_id: 1, taken_at: AT, statement: 'x', key_id: 'k', signature: 's' };
export const vendor = (status: string) => ({
  vendor_id: 7,
  name: 'TechCorp',
  status,
  balance: '1.00',
  held: '0.00',
  livemode: true,
  daily_limit: null,
  charged_today: '0.00',
  business_day: '2026-11-24',
  seq: 2,
  opened_at: AT,
  updated_at: AT,
});
