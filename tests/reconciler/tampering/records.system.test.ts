import { balanceOf, type TamperCase, tamperCases, VENDOR as V } from './tamper-cases.ts';

const CASES: TamperCase[] = [
  {
    name: 'a stored balance raised by 50 Toman',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET balance = balance + 5000 WHERE vendor_id = 1'),
    found: [{ check: 'stored-balance', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
  {
    name: 'a stored balance raised by a million',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET balance = balance + 100000000 WHERE vendor_id = 1'),
    found: [{ check: 'stored-balance', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'the daily counter set back to zero',
    edit: ({ client }) => client.query('UPDATE ledger.vendors SET charged_today = 0 WHERE vendor_id = 1'),
    found: [{ check: 'daily-counter', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'the daily counter lowered a little',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET charged_today = charged_today - 100 WHERE vendor_id = 1'),
    found: [{ check: 'daily-counter', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
  {
    name: "a credit request's amount raised afterwards",
    edit: async ({ client }) => {
      await client.query('ALTER TABLE credits.requests DISABLE TRIGGER USER');
      await client.query('UPDATE credits.requests SET amount = amount * 2 WHERE vendor_id = 2');
    },
    found: [{ check: 'credit-requests', vendor: 2 }],
  },
  {
    name: 'the approvals of a posted credit gone',
    edit: async ({ client }) => {
      await client.query('ALTER TABLE credits.approvals DISABLE TRIGGER USER');
      await client.query(
        'DELETE FROM credits.approvals WHERE request_id IN (SELECT id FROM credits.requests WHERE vendor_id = 1)',
      );
    },
    found: [{ check: 'credit-requests', vendor: V, message: /does not fit/ }],
  },
  {
    name: 'an approval that nobody posts',
    edit: ({ client }) =>
      client.query(`INSERT INTO credits.requests (vendor_id, amount, status, requested_by, approvals_needed,
        business_day, decided_by, decided_at) VALUES (3, 100, 'approved', 'x', 1, now(), 'y', now() - interval '1 day')`),
    found: [{ check: 'credit-requests', level: 'MINOR_DISCREPANCY', vendor: 3, message: /still not posted/ }],
    mode: 'incremental',
  },
  {
    name: 'a vendor removed',
    edit: ({ client }) => client.query('DELETE FROM ledger.vendors WHERE vendor_id = 2'),
    found: [{ check: 'append-only', vendor: 2 }],
    mode: 'incremental',
  },
  {
    name: 'the triggers left switched off',
    edit: ({ client }) => client.query('ALTER TABLE ledger.transactions DISABLE TRIGGER append_only'),
    found: [{ check: 'append-only', vendor: null, message: /no longer guards/ }],
    mode: 'incremental',
  },
  {
    name: 'the newest checkpoint removed',
    edit: async ({ client }) => {
      await client.query('DELETE FROM reconciler.heads WHERE checkpoint_id = 2');
      await client.query('DELETE FROM reconciler.checkpoints WHERE checkpoint_id = 2');
    },
    found: [{ check: 'checkpoint', vendor: null, message: /published/ }],
    mode: 'incremental',
  },
  {
    name: 'a checkpoint signed by another key',
    edit: ({ client }) =>
      client.query("UPDATE reconciler.checkpoints SET signature = decode(repeat('ab', 64), 'hex')"),
    found: [{ check: 'checkpoint', vendor: null, message: /signature/ }],
    mode: 'incremental',
  },
  {
    name: 'Redis poisoned with a balance that was never there',
    edit: (_, { redis, namespace }) => redis.hset(balanceOf(namespace, V), 'balance', '99999999900'),
    found: [{ check: 'redis-copies', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'Redis poisoned with a copy that nothing would replace',
    edit: (_, { redis, namespace }) => redis.hset(balanceOf(namespace, V), 'seq', '4000000'),
    found: [{ check: 'redis-copies', vendor: V, message: /does not exist/ }],
    mode: 'incremental',
  },
  {
    name: 'a copy in Redis off by one Toman',
    edit: (_, { redis, namespace }) => redis.hincrby(balanceOf(namespace, V), 'balance', 100),
    found: [{ check: 'redis-copies', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
];

tamperCases(CASES);
