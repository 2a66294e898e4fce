import { hash } from 'node:crypto';
import { contentType, HEADERS, laneOf, outcomeCopyKey, redisPrefix } from '@b2b-charge/contracts';
import { headers } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type System, startSystem, type Vendor } from '../gateway/system.ts';
import { waitFor } from '../harness.ts';
import { runB2b } from '../run-tool.ts';

/** A person asks that their number is forgotten: it goes from every table, and the books stay proven. */
const NUMBERS = Array.from({ length: 10 }, (_, index) => `+98912300000${index}`);
const ERASED = NUMBERS[3]!;
const own = { reference: 'invoice 3', metadata: { till: '3' } };
let system: System;
let redis: Redis;
let vendor: Vendor;
/** Transaction ids of the sales to the number, by idempotency key. */
const sold = new Map<string, string>();

beforeAll(async () => {
  system = await startSystem({
    services: ['ledger', 'credits', 'gateway', 'webhooks', 'reconciler'],
  });
  vendor = await system.vendor({ balance: '100000.00' });
  redis = new Redis(inject('servers').redisUrl);
  const { base } = system;
  await base.playground.sql(
    `INSERT INTO webhooks.endpoints (vendor_id, url, event_types, created_by)
     VALUES ($1, 'https://127.0.0.1:9/hook', '{charge-posted}', 'test')`,
    [vendor.id],
  );
  for (const [index, phone_number] of [...NUMBERS, ...NUMBERS].entries()) {
    const key = `sale-${index}`;
    const answer = await vendor.api.sell({ phone_number, amount: 10 + index, ...own }, key);
    expect(answer.status).toBe(200);
    if (phone_number === ERASED) sold.set(key, answer.data.transaction_id);
  }
  await publishForNobody();
}, 60_000);
afterAll(async () => {
  redis?.disconnect();
  await system?.[Symbol.asyncDispose]();
});

/** A sale of a vendor that does not exist: a dead letter, with the number in it. */
async function publishForNobody(): Promise<void> {
  const { nc, subjects, sql } = system.base.playground;
  const head = headers();
  head.set(HEADERS.messageId, 'nobody');
  head.set(HEADERS.contentType, contentType('charge.v1'));
  const body = JSON.stringify({ phone_number: ERASED, amount: '1.00' });
  nc.publish(subjects.command(laneOf(999_999, 16), 'gateway', 999_999), body, { headers: head });
  await waitFor(async () => (await sql('SELECT FROM ledger.dead_letters')).rowCount === 1);
}

const erase = (...options: string[]) =>
  runB2b(['erase', '--phone-number', ERASED, '--reason', 'asked for', '--by', 'sara', ...options], {
    env: {
      ...system.base.playground.environment('ledger'),
      DATABASE_URL: system.base.playground.database.adminUrl,
    },
  });

const rowsOf = async (text: string, ...values: unknown[]) =>
  (await system.base.playground.sql(text, values)).rows;

test('without --yes it counts, and changes nothing', async () => {
  await waitFor(async () => (await rowsOf('SELECT FROM webhooks.deliveries')).length === 20);
  const { status, stdout } = await erase('--json');
  expect({ status, ...JSON.parse(stdout) }).toEqual({
    status: 0,
    erased: false,
    rows: {
      'ledger.transactions': 2,
      'ledger.dead_letters': 1,
      'webhooks.deliveries': 2,
      "vendors' own texts (key, reference, metadata)": 0,
    },
  });
  expect(await rowsOf('SELECT FROM ledger.transactions WHERE phone_number = $1', ERASED)).toHaveLength(2);
});

test('with --yes the number is gone from every table, and books, receipts and audit hold', async () => {
  const [[key, id]] = [...sold] as [[string, string]];
  const receipt = await vendor.api.get(`/api/transactions/${id}/receipt/`);
  expect(receipt.data.phone.number).toBe(ERASED);
  const { NAMESPACE } = system.base.playground.environment('gateway');
  const copies = () => redis.exists(outcomeCopyKey(redisPrefix(NAMESPACE!), vendor.id, key));
  expect(await copies()).toBe(1);
  const { status, stdout, stderr } = await erase('--yes');
  expect(await copies()).toBe(0);
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('2 rows erased') });
  expect(stdout).toContain('erased');

  expect(
    (await vendor.api.get(`/api/transactions/?phone_number=${encodeURIComponent(ERASED)}`)).data.transactions,
  ).toEqual([]);
  const shown = await vendor.api.get(`/api/charges/by-key/${key}/`);
  expect(shown.data).toMatchObject({ transaction_id: id, phone_number: null, phone_erased: true, ...own });
  const later = await vendor.api.get(`/api/transactions/${id}/receipt/`);
  expect(later.data.phone).toBeNull();
  expect(await rowsOf('SELECT FROM ledger.chain_breaks')).toEqual([]);
  const audit = await runB2b(['reconcile', '--full', '--json'], {
    env: system.base.playground.environment('reconciler', { SIGNING_KEY_FILE: `${system.logDir}/key.pem` }),
  });
  expect({ status: audit.status, erased: JSON.parse(audit.stdout).run.numbers_erased }).toEqual({
    status: 0,
    erased: 2,
  });
  expect(await rowsOf('SELECT actor, reason, counts FROM ledger.erasures')).toEqual([
    {
      actor: 'sara',
      reason: 'asked for',
      counts: { 'ledger.transactions': 2, 'ledger.dead_letters': 1, 'webhooks.deliveries': 2 },
    },
  ]);
});

test('a repeat of an erased key gets its outcome, another request under it is refused', async () => {
  for (const [key, id] of sold) {
    const amount = 10 + Number(key.slice(5));
    const again = await vendor.api.sell({ phone_number: ERASED, amount, ...own }, key);
    expect([again.status, again.data.transaction_id], key).toEqual([200, id]);
    for (const other of [{ amount: amount + 1, ...own }, { amount }]) {
      expect((await vendor.api.sell({ phone_number: ERASED, ...other }, key)).code).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      );
    }
  }
});

/** Columns that hold the number in any spelling, or a hash that anyone could make of it. */
async function columnsWith(number: string): Promise<string[]> {
  const columns = await rowsOf(
    `SELECT format('%I.%I', table_schema, table_name) AS place, column_name AS name, data_type AS type
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema IN ('ledger', 'gateway', 'credits', 'webhooks', 'reconciler') AND table_type = 'BASE TABLE'`,
  );
  expect(columns.length).toBeGreaterThan(100);
  const guesses = [
    number.slice(3),
    Buffer.from(number).toString('base64').slice(0, -2),
    hash('sha256', number, 'hex').slice(0, 32),
    ...Array.from({ length: 30 }, (_, index) =>
      hash('sha256', `["charge","${number}","${10 + index}.00"]`, 'hex').slice(0, 32),
    ),
  ];
  const found: string[] = [];
  for (const { place, name, type } of columns) {
    const text =
      type === 'bytea' ? `encode("${name}", 'escape') || encode("${name}", 'hex')` : `"${name}"::text`;
    const rows = await rowsOf(
      `SELECT FROM ${place} WHERE EXISTS (SELECT FROM unnest($1::text[]) s WHERE position(s IN ${text}) > 0)`,
      guesses,
    );
    if (rows.length > 0) found.push(`${place}.${name}`);
  }
  return found.sort();
}

test('trying every column of every table finds nothing of it, and does find a number that was not erased', async () => {
  expect(await columnsWith(ERASED)).toEqual([]);
  expect(await columnsWith(NUMBERS[4]!)).toEqual([
    'ledger.transactions.phone_number',
    'webhooks.deliveries.body',
  ]);
});

test('what cannot be meant is refused with the help', async () => {
  const env = { DATABASE_URL: system.base.playground.database.adminUrl };
  for (const args of [[], ['--phone-number', 'x'], ['--phone-number', ERASED], ['--nonsense']]) {
    const refused = await runB2b(['erase', ...args], { env });
    expect(refused, args.join(' ')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--help shows what there is'),
    });
  }
});
