import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMMAND_SCHEMAS, type CommandSchemaName, isCommandSchema, schemaNameOf } from './commands.ts';

const ID = '01a0c450-96f7-8000-8000-1c0000000002';
const PHONE = '+989123456789';
const sale = (change: object = {}) => ({ phone_number: PHONE, amount: '1.00', ...change });
const isTaken = (name: CommandSchemaName, body: unknown): boolean =>
  COMMAND_SCHEMAS[name].safeParse(body).success;

const taken: [CommandSchemaName, object][] = [
  ['charge.v1', sale()],
  ['charge.v1', sale({ amount: '0.01' })],
  ['charge.v1', sale({ amount: '9999999999999.99' })],
  ['charge.v1', sale({ phone_number: '+1234567' })],
  ['charge.v1', sale({ phone_number: `+${'9'.repeat(15)}` })],
  ['credit.v1', { amount: '1' }],
  ['credit.v1', { amount: '1', reference: 'x'.repeat(100) }],
  ['reverse.v1', { transaction_id: ID, reason: 'x'.repeat(200) }],
  ['reverse.v1', { transaction_id: ID.toUpperCase(), reason: 'شماره اشتباه' }],
  ['rebuild.v1', {}],
  ['rebuild.v1', { reason: 'audit 12' }],
  ['open-vendor.v1', { name: 'TechCorp' }],
  ['open-vendor.v1', { name: 'TechCorp', daily_limit: null }],
  ['open-vendor.v1', { name: 'TechCorp', daily_limit: '0' }],
  ['update-vendor.v1', { name: 'New' }],
  ['update-vendor.v1', { status: 'active' }],
  ['update-vendor.v1', { status: 'suspended' }],
  ['update-vendor.v1', { daily_limit: null }],
];

const refused: [CommandSchemaName, unknown, string][] = [
  ['charge.v1', sale({ amount: '0.00' }), 'above zero'],
  ['charge.v1', sale({ amount: '-1' }), 'at most two decimals'],
  ['charge.v1', sale({ amount: '1.005' }), 'at most two decimals'],
  ['charge.v1', sale({ amount: 1 }), 'amount'],
  ['charge.v1', { phone_number: PHONE }, 'amount'],
  ['charge.v1', sale({ phone_number: '09123456789' }), 'E.164'],
  ['charge.v1', sale({ phone_number: '+0123456789' }), 'E.164'],
  ['charge.v1', sale({ phone_number: '+123456' }), 'E.164'],
  ['charge.v1', sale({ phone_number: `+${'9'.repeat(16)}` }), 'E.164'],
  ['charge.v1', sale({ phone_number: `x${PHONE}` }), 'E.164'],
  ['charge.v1', sale({ phone_number: `${PHONE}x` }), 'E.164'],
  ['charge.v1', sale({ vendor_id: 7 }), 'vendor_id'],
  ['credit.v1', { amount: '0' }, 'above zero'],
  ['credit.v1', { amount: '1', reference: '' }, 'reference'],
  ['credit.v1', { amount: '1', reference: 'x'.repeat(101) }, 'reference'],
  ['credit.v1', { amount: '1', reference: 'a\nb' }, 'no control characters'],
  ['credit.v1', { amount: '1', more: 1 }, 'more'],
  ['reverse.v1', { transaction_id: '7', reason: 'x' }, 'a transaction id'],
  ['reverse.v1', { transaction_id: ID }, 'reason'],
  ['reverse.v1', { transaction_id: ID, reason: 'x'.repeat(201) }, 'reason'],
  ['reverse.v1', { transaction_id: ID, reason: '\u0000' }, 'no control characters'],
  ['reverse.v1', { transaction_id: ID, reason: 'x', more: 1 }, 'more'],
  ['rebuild.v1', { reason: 'x'.repeat(201) }, 'reason'],
  ['rebuild.v1', { more: 1 }, 'more'],
  ['open-vendor.v1', {}, 'name'],
  ['open-vendor.v1', { name: '' }, 'name'],
  ['open-vendor.v1', { name: 'x'.repeat(101) }, 'name'],
  ['open-vendor.v1', { name: 'a\ud800b' }, 'no control characters'],
  ['open-vendor.v1', { name: 'x', daily_limit: '-1' }, 'at most two decimals'],
  ['open-vendor.v1', { name: 'x', daily_limit: '1.005' }, 'at most two decimals'],
  ['open-vendor.v1', { name: 'x', more: 1 }, 'more'],
  ['update-vendor.v1', {}, 'names no change'],
  ['update-vendor.v1', { status: 'closed' }, 'status'],
  ['update-vendor.v1', { more: 1 }, 'more'],
];

describe('the body of a command', () => {
  it.each(taken)('%s may be %j, and passes unchanged', (name, body) => {
    expect(COMMAND_SCHEMAS[name].parse(body)).toEqual(body);
  });

  it.each(refused)('%s may not be %j: the reason names "%s"', (name, body, reason) => {
    expect(isTaken(name, body)).toBe(false);
    expect(COMMAND_SCHEMAS[name].safeParse(body).error?.message).toContain(reason);
  });
});

it('each type of command has a schema, and no other word has one', () => {
  for (const type of ['charge', 'credit', 'reverse', 'rebuild', 'open-vendor', 'update-vendor'] as const)
    expect(isCommandSchema(schemaNameOf(type))).toBe(true);
  for (const name of ['charge', 'charge.v2', 'toString', '']) expect(isCommandSchema(name)).toBe(false);
});

describe('the schema that is published', () => {
  const json = (name: CommandSchemaName) =>
    z.toJSONSchema(COMMAND_SCHEMAS[name], { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  const ajv = new Ajv({ strict: false });

  it.each(taken)('of %s takes %j, too', (name, body) => {
    expect(ajv.compile(json(name))(body)).toBe(true);
  });

  // That a change must be named is what the schema cannot say.
  it.each(refused.filter(([, , reason]) => reason !== 'names no change'))(
    'of %s refuses %j, too',
    (name, body) => {
      expect(ajv.compile(json(name))(body)).toBe(false);
    },
  );

  it('of a charge says of each field what it is, with an example that it takes', () => {
    const fields = Object.entries(json('charge.v1').properties as Record<string, { examples?: string[] }>);
    expect(fields.map(([name]) => name)).toEqual(['phone_number', 'amount']);
    for (const [name, { examples }] of fields) {
      expect(examples).toHaveLength(1);
      expect(isTaken('charge.v1', sale({ [name]: examples![0] }))).toBe(true);
    }
  });
});
