import { LedgerClient } from '@b2b-charge/client';
import type { CallName, CallRequest, CommandRequest, MessageId, VendorId } from '@b2b-charge/contracts';
import { call, connectNats, createKysely, createPool } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/credits/src/config.ts';
import type { CreditsSchema } from '../../services/credits/src/db/schema.ts';
import { approve } from '../../services/credits/src/requests/approve.ts';
import { startCredits } from '../../services/credits/src/service.ts';
import { parseConfig as parseLedgerConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';

const stack = new AsyncDisposableStack();
let playground: Playground;
let backoffice: NatsConnection;
let admin: pg.Client;
let nextVendor = 1;

const runLedger = () =>
  startLedger(parseLedgerConfig(playground.environment('ledger')), testLogger('ledger'));
const runCredits = () =>
  startCredits(
    parseConfig(
      playground.environment('credits', {
        CREDIT_DUAL_APPROVAL_ABOVE: '1000000',
        CREDIT_SWEEP_MS: '100',
        CREDIT_RETRY_MAX_MS: '300',
        CREDIT_WAIT_MS: '1000',
      }),
    ),
    testLogger('credits'),
  );

beforeAll(async () => {
  playground = stack.use(await createPlayground());
  const servers = inject('servers');
  backoffice = await connectNats({
    user: 'backoffice',
    url: servers.natsUrl,
    nkeySeed: servers.natsSeeds.backoffice,
  });
  stack.defer(() => backoffice.close());
  admin = new pg.Client({ connectionString: playground.database.adminUrl });
  await admin.connect();
  stack.defer(() => admin.end());
});
afterAll(() => stack.disposeAsync());

const ask = <N extends CallName>(name: N, request: CallRequest<N>) =>
  call({ nc: backoffice, subjects: playground.subjects }, name, request);
const request = (vendor_id: number, amount = '100000.00', idempotency_key: string | null = null) =>
  ask('credits.request', { vendor_id, amount, requested_by: 'token:7', idempotency_key });
const statusOf = async (id: number) => (await ask('credits.get', { id }))!.status;
const isPosted = (id: number) => expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe('posted');
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

async function sendCommand(vendorId: number, messageId: string, command: CommandRequest, source = 'gateway') {
  const servers = inject('servers');
  const seed = servers.natsSeeds[source as 'gateway' | 'credits'];
  const nc = await connectNats({ user: source, url: servers.natsUrl, nkeySeed: seed });
  await using client = new LedgerClient({
    nc,
    subjects: playground.subjects,
    source,
    clientId: 'test',
    lanes: 16,
  });
  const outcome = await client
    .send({
      vendorId: vendorId as VendorId,
      messageId: messageId as MessageId,
      command,
      waitMs: 5_000,
      deadlineMs: 60_000,
    })
    .finally(() => nc.close());
  return outcome;
}

async function openVendor(): Promise<number> {
  const vendorId = nextVendor++;
  await sendCommand(vendorId, 'open', { type: 'open-vendor', name: `Vendor ${vendorId}` });
  return vendorId;
}
const SARA = { by: 'sara', principal: 'operator:sara' };
const approveAs = (by: string, id: number, origin?: string) =>
  ask('credits.approve', { ...SARA, id, by, origin });
const balanceOf = async (vendor_id: number) => (await ask('ledger.query.vendor', { vendor_id }))!.balance;
const CREDITS = "SELECT id FROM ledger.transactions WHERE vendor_id = $1 AND type = 'credit'";
const creditsOf = async (vendorId: number) => (await admin.query(CREDITS, [vendorId])).rowCount;

test('a request is approved, posted once, and leaves a trail of who did what from where', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const { request: asked } = await ask('credits.request', {
    vendor_id: vendor,
    amount: '250000.5',
    requested_by: 'token:7',
    origin: '10.0.0.7',
  });
  expect(asked).toMatchObject({ status: 'pending', amount: '250000.50', approvals_needed: 1 });
  expect(await approveAs('sara', asked.id, '10.0.0.1')).toMatchObject({
    status: 'approved',
    decided_by: 'sara',
  });
  await isPosted(asked.id);
  const posted = await ask('credits.get', { id: asked.id });
  const { transactions } = await ask('ledger.query.transactions', { vendor_id: vendor, type: 'credit' });
  expect(transactions).toMatchObject([
    { transaction_id: posted?.transaction_id, amount: '250000.50', source: 'credits' },
  ]);
  expect(await balanceOf(vendor)).toBe('250000.50');
  const { entries } = await ask('credits.trail', { id: asked.id });
  expect(entries.map(({ actor, action, origin }) => [actor, action, origin])).toEqual([
    ['token:7', 'requested', '10.0.0.7'],
    ['sara', 'approved', '10.0.0.1'],
    ['ledger', 'posted', null],
  ]);
});

test('the same key answers the first request, another amount under it is refused', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const answers = await Promise.all(Array.from({ length: 8 }, () => request(vendor, '5000', 'key-1')));
  expect(new Set(answers.map((answer) => answer.request.id)).size).toBe(1);
  expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
  expect(await codeOf(request(vendor, '5001', 'key-1'))).toBe('KEY_REUSED');
  expect(await codeOf(request(vendor, '0'))).toBe('BAD_REQUEST');
  expect(await codeOf(request(999_999))).toBe('NOT_FOUND');
});

test('whoever asked cannot approve; above the limit two different admins must', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const { request: asked } = await request(vendor, '1000000.01');
  expect(asked.approvals_needed).toBe(2);
  expect(await codeOf(approveAs('token:7', asked.id))).toBe('SELF_APPROVAL');
  expect(await approveAs('sara', asked.id)).toMatchObject({ status: 'pending' });
  expect(await codeOf(approveAs('sara', asked.id))).toBe('ALREADY_APPROVED');
  expect(await creditsOf(vendor)).toBe(0);
  expect(await approveAs('reza', asked.id)).toMatchObject({ status: 'approved' });
  await isPosted(asked.id);
  expect(await balanceOf(vendor)).toBe('1000000.01');
});

test('a rejection carries its reason, a vendor cancels only its own, and both are final', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const first = (await request(vendor)).request.id;
  expect(await ask('credits.reject', { id: first, by: 'sara', reason: 'no transfer seen' })).toMatchObject({
    status: 'rejected',
    reason: 'no transfer seen',
  });
  expect(await codeOf(approveAs('reza', first))).toBe('ALREADY_DECIDED');
  const second = (await request(vendor)).request.id;
  const other = { id: second, vendor_id: vendor + 1, by: 'token:8' };
  expect(await codeOf(ask('credits.cancel', other))).toBe('NOT_FOUND');
  expect(await ask('credits.cancel', { id: second, vendor_id: vendor, by: 'token:7' })).toMatchObject({
    status: 'cancelled',
  });
  expect(await codeOf(approveAs('sara', second))).toBe('ALREADY_DECIDED');
  const { requests } = await ask('credits.list', { vendor_id: vendor });
  expect(requests.map(({ id, status }) => [id, status])).toEqual([
    [second, 'cancelled'],
    [first, 'rejected'],
  ]);
  expect(await creditsOf(vendor)).toBe(0);
});

test('approvals and rejections at once have one winner and one effect', async () => {
  await using _ledger = await runLedger();
  await using _one = await runCredits();
  await using _two = await runCredits();
  const vendor = await openVendor();
  let granted = 0;
  for (let round = 0; round < 5; round++) {
    const { id } = (await request(vendor, '1000')).request;
    const codes = await Promise.all(
      ['sara', 'reza', 'mina', 'omid'].flatMap((by) => [
        codeOf(approveAs(by, id)),
        codeOf(ask('credits.reject', { id, by, reason: 'no' })),
      ]),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(codes.filter((code) => code !== 'ok')).toEqual(Array(7).fill('ALREADY_DECIDED'));
    const status = await statusOf(id);
    if (status !== 'rejected') granted++;
    if (status === 'approved') await isPosted(id);
  }
  expect(await creditsOf(vendor)).toBe(granted);
  expect(await balanceOf(vendor)).toBe(`${granted * 1000}.00`);
});

test('an approval given while the ledger is down is posted when it is back, once', async () => {
  let vendor: number;
  await using credits = new AsyncDisposableStack();
  {
    await using _ledger = await runLedger();
    vendor = await openVendor();
  }
  credits.use(await runCredits());
  const { id } = (await request(vendor, '70000')).request;
  await approveAs('sara', id);
  const attempts = async () => {
    const { rows } = await admin.query('SELECT attempts FROM credits.outbox WHERE request_id = $1', [id]);
    return rows[0].attempts;
  };
  await expect.poll(attempts, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
  expect(await statusOf(id)).toBe('approved');
  await using _ledger = await runLedger();
  await isPosted(id);
  expect(await balanceOf(vendor)).toBe('70000.00');
  expect(await creditsOf(vendor)).toBe(1);
});

test('a crash between approval and publication loses nothing', async () => {
  await using _ledger = await runLedger();
  const vendor = await openVendor();
  let id: number;
  {
    await using _credits = await runCredits();
    id = (await request(vendor, '30000')).request.id;
  }
  const pool = createPool({
    url: playground.database.urls.credits,
    applicationName: 'test',
    max: 1,
    statementTimeoutMs: 5_000,
  });
  await using db = createKysely<CreditsSchema>(pool);
  await approve(db, { id, ...SARA });
  await using _credits = await runCredits();
  await isPosted(id);
  expect(await balanceOf(vendor)).toBe('30000.00');
});

test("a credit whose reply was lost is posted by the ledger's event", async () => {
  await using _ledger = await runLedger();
  const vendor = await openVendor();
  await using _credits = await runCredits();
  const { id } = (await request(vendor, '20000')).request;
  // As if a process had published the command and died: nobody will send it again for an hour.
  await admin.query(
    `WITH approved AS (
       UPDATE credits.requests SET status = 'approved', decided_by = 'sara', decided_at = now() WHERE id = $1 RETURNING *)
     INSERT INTO credits.outbox (request_id, vendor_id, amount, message_id, principal, next_attempt_at)
     SELECT id, vendor_id, amount, '~credit/' || id, 'operator:sara', now() + interval '1 hour' FROM approved`,
    [id],
  );
  const command = { type: 'credit', amount: '20000.00', reference: `credit request ${id}` } as const;
  await sendCommand(vendor, `~credit/${id}`, command, 'credits');
  await isPosted(id);
  expect(await balanceOf(vendor)).toBe('20000.00');
});

test('what the ledger refuses is rejected with its reason', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const ids = [];
  for (let n = 0; n < 2; n++) {
    const { id } = (await request(vendor, '9999999999999.99')).request;
    for (const by of ['sara', 'reza']) await approveAs(by, id);
    ids.push(id);
    await expect.poll(() => statusOf(id), { timeout: 10_000 }).toMatch(/posted|rejected/);
  }
  expect(await ask('credits.get', { id: ids[0]! })).toMatchObject({ status: 'posted' });
  expect(await ask('credits.get', { id: ids[1]! })).toMatchObject({
    status: 'rejected',
    reason: 'BALANCE_LIMIT_EXCEEDED',
  });
});

test("a vendor's daily limit holds for requests at once, and what is rejected does not count", async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  await ask('credits.set-limit', { vendor_id: vendor, daily_limit: '1000', by: 'sara' });
  const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(request(vendor, '400'))));
  expect(codes.sort()).toEqual([...Array(4).fill('DAILY_CREDIT_LIMIT_EXCEEDED'), 'ok', 'ok']);
  const { requests } = await ask('credits.list', { vendor_id: vendor });
  await ask('credits.reject', { id: requests[0]!.id, by: 'sara', reason: 'no' });
  expect(await codeOf(request(vendor, '600'))).toBe('ok');
  await ask('credits.set-limit', { vendor_id: vendor, daily_limit: null, by: 'sara' });
  expect(await codeOf(request(vendor, '5000'))).toBe('ok');
});

test('a decision whose answer was lost gets it when the same request comes again; another request is refused', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const { id } = (await request(vendor, '10')).request;
  const approveFrom = (origin: string, by = 'sara') => approveAs(by, id, origin);
  expect(await approveFrom('request-1')).toMatchObject({ status: 'approved' });
  expect(await approveFrom('request-1')).toMatchObject({ id, decided_by: 'sara' });
  expect(await codeOf(approveFrom('request-2'))).toBe('ALREADY_DECIDED');
  expect(await codeOf(approveFrom('request-1', 'reza'))).toBe('ALREADY_DECIDED');
  const { id: other } = (await request(vendor, '10')).request;
  const refusal = { id: other, by: 'sara', origin: 'request-3', reason: 'no' };
  expect(await ask('credits.reject', refusal)).toMatchObject({ status: 'rejected' });
  expect(await ask('credits.reject', refusal)).toMatchObject({ status: 'rejected' });
  expect(await codeOf(approveAs('sara', other, 'request-3'))).toBe('ALREADY_DECIDED');
  const { entries } = await ask('credits.trail', { id });
  expect(entries.filter(({ action }) => action === 'approved')).toHaveLength(1);
  await isPosted(id);
  expect(await balanceOf(vendor)).toBe('10.00');
});

test('many are decided at once, each by itself', async () => {
  await using _ledger = await runLedger();
  await using _credits = await runCredits();
  const vendor = await openVendor();
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push((await request(vendor, '10')).request.id);
  await ask('credits.cancel', { id: ids[1]!, vendor_id: vendor, by: 'token:7' });
  const { results } = await ask('credits.decide-many', { ids, decision: 'approve', ...SARA });
  expect(results.map((result) => result.error?.code ?? result.request?.status)).toEqual([
    'approved',
    'ALREADY_DECIDED',
    'approved',
  ]);
  await isPosted(ids[0]!);
  await isPosted(ids[2]!);
  expect(await balanceOf(vendor)).toBe('20.00');
});

test('the database refuses to change the trail, the approvals and what was asked', async () => {
  for (const statement of [
    "UPDATE credits.audit_trail SET actor = 'nobody'",
    'DELETE FROM credits.approvals',
    'UPDATE credits.requests SET amount = amount + 1',
    "UPDATE credits.requests SET status = 'pending', decided_at = NULL, decided_by = NULL WHERE status = 'rejected'",
  ]) {
    await expect(admin.query(statement), statement).rejects.toThrow(/append-only|cannot/);
  }
});
