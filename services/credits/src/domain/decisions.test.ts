import { expect, test } from 'vitest';
import { approvalsNeeded, type Decidable, decideApproval, messageIdOf, requestOf } from './decisions.ts';

const pending: Decidable = {
  status: 'pending',
  requestedBy: 'token:7',
  approvalsNeeded: 2,
  approvedBy: [],
};

test.each<[string, Partial<Decidable>, string, string]>([
  ['the first of two', {}, 'sara', 'approved, not complete'],
  ['the second of two', { approvedBy: ['sara'] }, 'reza', 'approved, complete'],
  ['the only one needed', { approvalsNeeded: 1 }, 'sara', 'approved, complete'],
  ['twice by the same', { approvedBy: ['sara'] }, 'sara', 'ALREADY_APPROVED'],
  ['by whoever asked', {}, 'token:7', 'SELF_APPROVAL'],
  ['by whoever asked, as the second', { approvedBy: ['sara'] }, 'token:7', 'SELF_APPROVAL'],
  ['of an approved one', { status: 'approved' }, 'sara', 'ALREADY_DECIDED'],
  ['of a posted one', { status: 'posted' }, 'sara', 'ALREADY_DECIDED'],
  ['of a rejected one', { status: 'rejected' }, 'sara', 'ALREADY_DECIDED'],
  ['of a cancelled one', { status: 'cancelled' }, 'sara', 'ALREADY_DECIDED'],
])('approval %s', (_name, change, by, expected) => {
  const decision = decideApproval({ ...pending, ...change }, by);
  const told =
    decision.kind === 'refused'
      ? decision.code
      : `approved, ${decision.complete ? 'complete' : 'not complete'}`;
  expect(told).toBe(expected);
});

test('two admins are needed above the limit, not at it', () => {
  expect(approvalsNeeded(1_000n, 1_000n)).toBe(1);
  expect(approvalsNeeded(1_001n, 1_000n)).toBe(2);
  expect(approvalsNeeded(1_001n, undefined)).toBe(1);
});

test('a request and its message id find each other, and nothing else', () => {
  expect(requestOf(messageIdOf('12'))).toBe('12');
  for (const other of ['~credit/', '~credit/0', '~credit/1x', 'x~credit/1', 'credit-request-1', 'order-1']) {
    expect(requestOf(other)).toBeNull();
  }
});
