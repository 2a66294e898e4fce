import type { CommandRequest } from '@b2b-charge/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScene, type Scene } from '../scene.ts';
import type { BooksEditor } from './edit-books.ts';
import { auditEdited, expectFindings } from './tamper-cases.ts';

/** The vendor whose chain no checkpoint covers yet. */
const V = 5;
const stack = new AsyncDisposableStack();
let scene: Scene;

const charge = (amount: string): CommandRequest => ({
  type: 'charge',
  phone_number: '+989123456789',
  amount,
  reference: 'till-7',
  metadata: { shop: 'north' },
  phone_salt: '0f'.repeat(16),
});

/** Sends a command whose outcome must be `expected`: posted, or the reason of a rejection. Returns the row's id. */
async function record(expected: string, messageId: string, command: CommandRequest): Promise<string> {
  const outcome = await scene.send(V, messageId, command);
  if (outcome.outcome !== 'posted' && outcome.outcome !== 'rejected') throw new Error(outcome.outcome);
  expect(outcome.outcome === 'posted' ? 'posted' : outcome.code).toBe(expected);
  return outcome.transaction!.transaction_id;
}

/** Every type of row, posted and rejected for every reason. The comments give the numbers that the cases use. */
beforeAll(async () => {
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
  expect((await scene.audit()).run.status).toBe('verified');
  await record('posted', 'open', { type: 'open-vendor', name: 'Tail', daily_limit: '9000' }); // 1
  await scene.credit(V, '10000'); // 2
  const first = await record('posted', 'first', charge('1000')); // 3
  const second = await record('posted', 'second', charge('1000')); // 4
  await record('INSUFFICIENT_BALANCE', 'too-much', charge('99999')); // 5
  await record('DAILY_LIMIT_EXCEEDED', 'over-limit', charge('8000')); // 6
  await record('posted', 'undo', { type: 'reverse', transaction_id: first, reason: 'wrong number' }); // 7
  await record('ALREADY_REVERSED', 'again', { type: 'reverse', transaction_id: first, reason: 'x' }); // 8
  const limit = await record('posted', 'limit', { type: 'update-vendor', daily_limit: '9500.5' }); // 9
  await record('NOT_REVERSIBLE', 'no-charge', { type: 'reverse', transaction_id: limit, reason: 'x' }); // 10
  await record('posted', 'suspend', { type: 'update-vendor', status: 'suspended' }); // 11
  await record('VENDOR_INACTIVE', 'inactive', charge('1')); // 12
  await record('posted', 'resume', { type: 'update-vendor', status: 'active', daily_limit: null }); // 13
  await record('posted', 'rebuild', { type: 'rebuild', reason: 'a test' }); // 14
  await record('posted', 'last', charge('500')); // 15
  await scene.credit(V, '700'); // 16
  expect(second).not.toBe(first);
  await scene.closeShop();
  const clean = await scene.audit({ dryRun: true });
  expect(clean.findings).toEqual([]);
  expect(clean.run.status).toBe('verified');
}, 60_000);
afterAll(() => stack.disposeAsync());

const REJECTED = (reason: string) =>
  `status = 'rejected', reason = '${reason}', balance_effect = 0, balance_after = balance_before`;
const LIMIT_DETAILS = `details = '{"limit":"9000.00","metadata":{"shop":"north"},"used":"1000.00"}'`;

/** Columns of one row, as a SET clause; all balances, ids and hashes are recomputed after it. */
type Rewrite = readonly [name: string, seq: number, set: string];

/** What must hold by the rows alone, when neither the command nor the event is there any more. */
const DECIDED_AGAIN: readonly Rewrite[] = [
  ['a posted charge as rejected for the balance', 4, REJECTED('INSUFFICIENT_BALANCE')],
  ['a posted charge as rejected for the limit', 4, `${REJECTED('DAILY_LIMIT_EXCEEDED')}, ${LIMIT_DETAILS}`],
  ['a posted charge as rejected for the status', 4, REJECTED('VENDOR_INACTIVE')],
  ['a posted charge as rejected for a reason of another type', 4, REJECTED('NOT_REVERSIBLE')],
  ['a posted credit as rejected', 16, REJECTED('BALANCE_LIMIT_EXCEEDED')],
  ['a posted reversal as rejected', 7, REJECTED('NOT_REVERSIBLE')],
  ['a posted reversal as a second one', 7, REJECTED('ALREADY_REVERSED')],
  ['a posted reversal as too large', 7, REJECTED('BALANCE_LIMIT_EXCEEDED')],
  ['a suspension as rejected', 11, REJECTED('VENDOR_INACTIVE')],
  [
    'a charge over the limit as posted',
    6,
    `status = 'posted', reason = NULL, balance_effect = -amount, balance_after = balance_before - amount`,
  ],
  [
    'a charge of a suspended vendor as posted',
    12,
    `status = 'posted', reason = NULL, balance_effect = -amount, balance_after = balance_before - amount`,
  ],
  ['a reason exchanged for another', 6, `reason = 'VENDOR_INACTIVE'`],
  ['a reason of a reversal exchanged', 8, `reason = 'NOT_REVERSIBLE'`],
  ['a suspension taken out of its row', 11, `details = '{"name":"Tail"}'`],
  ['an amount in a row that has none', 9, 'amount = 100'],
  ['a business day moved on', 15, 'business_day = business_day + 1'],
  ['a test vendor made of a live one', 3, 'livemode = false'],
];

/** What only the command log or the published event can show. */
const ASKED_FOR: readonly Rewrite[] = [
  ['a limit, lifted', 9, `details = '{"daily_limit":null}'`],
  ['the reference', 3, `reference = 'other'`],
  ['the metadata', 3, `details = '{"metadata":{"shop":"south"}}'`],
  ['the reason of a reversal', 7, `details = '{"reason":"other"}'`],
  ['the limit that a vendor was opened with', 1, `details = replace(details, '9000', '9999')`],
  ['the source', 3, `source = 'credits'`],
  ['the principal', 3, `principal = 'operator:sara'`],
  ['the operator', 3, `operator = 'other'`],
  ['the fingerprint', 3, `fingerprint = decode(repeat('ab', 16), 'hex')`],
  [
    'the amount of a credit',
    2,
    'amount = amount * 2, balance_effect = amount * 2, balance_after = amount * 2',
  ],
  [
    'the charge that a reversal names',
    7,
    `resolves = (SELECT id FROM ledger.transactions WHERE vendor_id = ${V} AND seq = 4)`,
  ],
  [
    'the commitment, and the number erased',
    3,
    `phone_commitment = decode(repeat('ab', 32), 'hex'), phone_salt = NULL, phone_number = NULL`,
  ],
  ['the place within the message', 3, 'stream_index = 1'],
  ['the stream', 3, 'stream = 1'],
  ['the time, by a millisecond', 15, `created_at = created_at + interval '1 ms'`],
];

async function rewrite({ unguarded, recalculate, reidentify, rehash }: BooksEditor, [, seq, set]: Rewrite) {
  await unguarded(`UPDATE ledger.transactions SET ${set} WHERE vendor_id = ${V} AND seq = ${seq}`);
  await recalculate(V, 1);
  await reidentify(V);
  await unguarded(`UPDATE ledger.vendors v SET charged_today = (
      SELECT coalesce(-sum(balance_effect), 0) FROM ledger.transactions t
      WHERE t.vendor_id = v.vendor_id AND type IN ('charge', 'reversal')) WHERE vendor_id = ${V}`);
  await rehash(V, 1);
}

const audited = async (edit: (editor: BooksEditor) => Promise<unknown>) =>
  auditEdited(scene, edit, { mode: 'incremental', dryRun: true });

test.each(DECIDED_AGAIN)('%s is found by the rows alone', async (...edit) => {
  const { findings } = await audited((editor) => rewrite(editor, edit));
  const rows = findings.filter(({ check }) => !['exactly-once', 'append-only'].includes(check));
  expect(rows.filter(({ level, vendor_id }) => level === 'CRITICAL' && vendor_id === V)).not.toEqual([]);
});

test.each(ASKED_FOR)('%s rewritten is found', async (...edit) => {
  const { findings, run } = await audited((editor) => rewrite(editor, edit));
  expect(run.status).toBe('critical');
  expect(findings.map(({ check, vendor_id }) => [check, vendor_id])).toContainEqual([
    expect.stringMatching(/^(exactly-once|append-only)$/),
    V,
  ]);
});

/** These are no part of an event, or not after an erasure. */
const NOT_PUBLISHED = [
  'the fingerprint',
  'the stream',
  'the place within the message',
  'the commitment, and the number erased',
];

test.each([...DECIDED_AGAIN, ...ASKED_FOR].filter(([name]) => !NOT_PUBLISHED.includes(name)))(
  '%s contradicts the published event',
  async (...edit) => {
    const { findings } = await audited((editor) => rewrite(editor, edit));
    expectFindings(findings, [{ check: 'append-only', vendor: V, message: /published/ }]);
  },
);

test('a published row that is gone is found, whatever the log says', async () => {
  const { findings } = await audited(async ({ unguarded, rehash }) => {
    await unguarded(`DELETE FROM ledger.transactions WHERE vendor_id = ${V} AND seq = 16`);
    await rehash(V, 1);
  });
  expectFindings(findings, [{ check: 'append-only', vendor: V, message: /published is gone/ }]);
});

test.each([
  ['status', `status = 'suspended'`],
  ['limit', `daily_limit = 1`],
  ['mode', 'livemode = false'],
])('the %s of a vendor set past the ledger is found', async (_, set) => {
  const { findings } = await audited(({ client }) =>
    client.query(`UPDATE ledger.vendors SET ${set} WHERE vendor_id = ${V}`),
  );
  expectFindings(findings, [{ check: 'conservation', vendor: V, message: /vendor's row/ }]);
});
