import { describe, expect, it } from 'vitest';
import type { CommandRequest } from './commands.ts';
import { fingerprint } from './fingerprint.ts';

const PHONE = '+989123456789';
const ID = '01a0c450-96f7-8000-800f-9c0000000002';
const open = (daily_limit?: string | null): CommandRequest => ({
  type: 'open-vendor',
  name: 'TechCorp',
  ...(daily_limit === undefined ? {} : { daily_limit }),
});
const update = (
  change: Omit<Extract<CommandRequest, { type: 'update-vendor' }>, 'type'>,
): CommandRequest => ({
  type: 'update-vendor',
  ...change,
});

describe('a repeat', () => {
  it.each<[string, CommandRequest, CommandRequest]>([
    [
      'may spell the amount of a charge otherwise',
      { type: 'charge', phone_number: PHONE, amount: '50000' },
      { type: 'charge', phone_number: PHONE, amount: '50000.00' },
    ],
    [
      'may spell the amount of a credit otherwise',
      { type: 'credit', amount: '5.5' },
      { type: 'credit', amount: '5.50' },
    ],
    [
      'may spell the id of a charge in capitals',
      { type: 'reverse', transaction_id: ID, reason: 'x' },
      { type: 'reverse', transaction_id: ID.toUpperCase(), reason: 'x' },
    ],
    ['may spell a limit otherwise', open('7'), open('7.00')],
  ])('%s', (_, one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });
});

it('any other command has another fingerprint, of 16 bytes in hex', () => {
  const commands: CommandRequest[] = [
    { type: 'charge', phone_number: PHONE, amount: '1.00' },
    { type: 'charge', phone_number: PHONE, amount: '1.01' },
    { type: 'charge', phone_number: '+989120000000', amount: '1.00' },
    { type: 'credit', amount: '1.00' },
    { type: 'credit', amount: '1.01' },
    { type: 'credit', amount: '1.00', reference: 'request 7' },
    { type: 'credit', amount: '1.00', reference: 'request 8' },
    { type: 'reverse', transaction_id: ID, reason: 'a wrong number' },
    { type: 'reverse', transaction_id: ID, reason: 'another' },
    { type: 'reverse', transaction_id: ID.replace('2', '3'), reason: 'a wrong number' },
    { type: 'rebuild' },
    { type: 'rebuild', reason: 'audit 12' },
    { type: 'rebuild', reason: 'audit 13' },
    open(),
    open(null),
    open('0'),
    open('1'),
    { type: 'open-vendor', name: 'Another' },
    update({ name: 'TechCorp' }),
    update({ name: 'Another' }),
    update({ status: 'active' }),
    update({ status: 'suspended' }),
    update({ daily_limit: null }),
    update({ daily_limit: '0' }),
    update({ daily_limit: '1' }),
    update({ name: 'TechCorp', daily_limit: null }),
  ];
  const prints = commands.map(fingerprint);
  expect(new Set(prints).size).toBe(commands.length);
  for (const print of prints) expect(print).toMatch(/^[0-9a-f]{32}$/);
});
