import { laneOf } from '@b2b-charge/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { parseMetrics, total } from '../observability/scrape.ts';
import { runB2b } from '../run-tool.ts';
import { booksOf, figure, LANES, type Scene, startScene, VENDORS } from './scene.ts';

const POISON = '+989990000666';
const FEWER = 5;
let scene: Scene;

beforeAll(async () => {
  scene = await startScene({
    environment: { DATABASE_STATEMENT_TIMEOUT_MS: '1000', DATABASE_LOCK_TIMEOUT_MS: '500' },
  });
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

interface Said {
  readonly code: number | null;
  readonly out: string;
}

/** One of the operators' tools, with the settings that it would find on a real installation. */
async function tool(name: 'lanes' | 'dead-letters', ...args: string[]): Promise<Said> {
  const { fleet } = scene;
  const env = {
    ...fleet.environment('ledger'),
    NATS_NKEY_SEED: fleet.secrets.nats[name === 'lanes' ? 'ledger' : 'operator'],
  };
  const { status, stdout, stderr } = await runB2b([name, ...args], { env });
  return { code: status, out: stdout + stderr };
}

test('another number of lanes than the stored one does not start, and names the procedure', async () => {
  await expect(scene.fleet.add('ledger', { LANES: '8' })).rejects.toThrow(
    /this ledger has 16 lanes.*npx b2b lanes repartition --to 8/s,
  );
});

test('a command that PostgreSQL refuses is isolated and dead-lettered, and the rest of its batch goes on', async () => {
  await scene.db.query(`
    CREATE FUNCTION public.refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'a defect, planted'; END $$;
    CREATE TRIGGER poison BEFORE INSERT ON ledger.transactions FOR EACH ROW WHEN (NEW.phone_number = '${POISON}')
      EXECUTE FUNCTION public.refuse_poison()`);
  const [vendorId] = VENDORS as [number];
  const startedAt = Date.now();
  const sales = Array.from({ length: 120 }, (_, index) => scene.charge(VENDORS[index % LANES]!));
  const poisoned = scene.charge(vendorId, { key: 'poisoned', phone: POISON });
  const later = Array.from({ length: 120 }, (_, index) => scene.charge(VENDORS[index % LANES]!));
  expect(await poisoned).toMatchObject({ outcome: 'dead-letter', reason: 'FAILED', message_id: 'poisoned' });
  const outcomes = await Promise.all([...sales, ...later]);
  figure('240 sales around a poisoned one', Date.now() - startedAt);
  expect(outcomes.filter(({ outcome }) => outcome !== 'posted')).toEqual([]);
  expect(await booksOf(scene.db)).toMatchObject({ breaks: 0, doubled: 0 });
  await scene.db.query('DROP TRIGGER poison ON ledger.transactions; DROP FUNCTION public.refuse_poison()');
}, 40_000);

test('a lock that somebody holds for long is waited for: no command is taken for a defect', async () => {
  const [vendorId] = VENDORS as [number];
  const holder = await scene.db.connect();
  await holder.query('BEGIN; LOCK TABLE ledger.transactions IN SHARE MODE');
  const before = await faults();
  const sale = scene.charge(vendorId, { key: 'waited' });
  // A ledger starts over after as many attempts as make a dead letter of a command that PostgreSQL refuses.
  await waitFor(async () => (await faults()) > before, 20_000);
  await holder.query('COMMIT');
  holder.release();
  expect(await sale).toMatchObject({ outcome: 'posted' });
  const { rows } = await scene.db.query("SELECT FROM ledger.dead_letters WHERE message_id = 'waited'");
  expect(rows).toEqual([]);
}, 30_000);

test('dead letters are listed and shown, and one is sent again once its cause is gone', async () => {
  const [vendorId] = VENDORS as [number];
  const list = await tool('dead-letters', 'list', '--reason', 'FAILED', '--json');
  const [letter] = JSON.parse(list.out) as [{ id: string; messageId: string; resubmittedAs: string | null }];
  expect(letter).toMatchObject({ messageId: 'poisoned', resubmittedAs: null });
  const shown = await tool('dead-letters', 'show', letter.id);
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.out).toMatch(/FAILED: a defect, planted[\s\S]*"\+989990000666"[\s\S]*has no outcome/);

  const dry = await tool('dead-letters', 'resubmit', letter.id);
  expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was sent') });
  const sent = await tool('dead-letters', 'resubmit', letter.id, '--yes');
  expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/Outcome: charge \S+ \(posted\)/) });
  // The vendor's own repeat gets the outcome of what was resubmitted.
  expect(await scene.charge(vendorId, { key: 'poisoned', phone: POISON })).toMatchObject({
    outcome: 'posted',
    replayed: true,
  });

  expect(await tool('dead-letters', 'resubmit', letter.id, '--yes')).toMatchObject({
    code: 2,
    out: expect.stringContaining('was sent again already'),
  });
  expect(await tool('dead-letters', 'resubmit', letter.id, '--again', '--yes')).toMatchObject({
    code: 2,
    out: expect.stringContaining('has an outcome'),
  });
}, 60_000);

test('what could only become a dead letter again is not sent', async () => {
  const outcome = await scene.charge(2_000_000, { key: 'nobody' });
  expect(outcome).toMatchObject({ outcome: 'dead-letter', reason: 'UNKNOWN_VENDOR' });
  const list = await tool('dead-letters', 'list', '--reason', 'UNKNOWN_VENDOR', '--json');
  const [letter] = JSON.parse(list.out) as [{ id: string }];
  expect(await tool('dead-letters', 'resubmit', letter.id, '--yes')).toMatchObject({
    code: 2,
    out: expect.stringContaining('there is no vendor 2000000'),
  });
}, 30_000);

test('lanes are re-partitioned in a standstill only, and then nothing is executed again or skipped', async () => {
  const { fleet, db } = scene;
  expect((await tool('lanes', 'status')).out).toMatch(/16 lanes[\s\S]*2 ledger processes/);
  const refusedWhileRunning = await tool('lanes', 'repartition', '--to', String(FEWER), '--yes');
  expect(refusedWhileRunning).toMatchObject({
    code: 2,
    out: expect.stringMatching(/the ledger process \S+ runs: stop it/),
  });

  for (const { process } of fleet.of('ledger')) await process.stop();
  // Commands that come in now are accepted by the log, and not decided.
  const waiting = VENDORS.map((vendorId) => scene.charge(vendorId, { key: 'late' }));
  await waitFor(async () => /\b\d+ commands after its cursor/.test((await repartitionTo(FEWER)).out));
  expect(await repartitionTo(FEWER, '--yes')).toMatchObject({
    code: 2,
    out: expect.stringMatching(/not now, nothing was changed:[\s\S]*lane 0: \d+ commands after its cursor/),
  });

  for (const { process } of fleet.of('ledger')) await process.restart();
  expect(await Promise.all(waiting)).toMatchObject(VENDORS.map(() => ({ outcome: 'posted' })));
  for (const { process } of fleet.of('ledger')) await process.stop();
  const before = await counts();
  const epoch = await highestEpoch();
  expect(await repartitionTo(FEWER)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing was changed'),
  });
  expect(await repartitionTo(FEWER, '--yes')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Done'),
  });

  await expect(fleet.of('ledger')[0]!.process.restart()).rejects.toThrow(/this ledger has 5 lanes/);
  const fresh = await fleet.add('ledger', { LANES: String(FEWER) });
  await waitFor(async () => (await scene.lanesOf(fresh)).length === FEWER);
  expect(await highestEpoch()).toBeGreaterThan(epoch);
  expect(await counts()).toEqual(before);
  await scene.db.query('SELECT 1');
  // A repeat on its vendor's new lane gets the first outcome; one sent to the old lane is a named dead letter.
  const moved = VENDORS.find((vendorId) => laneOf(vendorId, FEWER) !== laneOf(vendorId, LANES))!;
  const stayed = VENDORS.find((vendorId) => laneOf(vendorId, FEWER) === laneOf(vendorId, LANES))!;
  expect(await scene.charge(stayed, { key: 'late' })).toMatchObject({ outcome: 'posted', replayed: true });
  expect(await scene.charge(moved, { key: 'elsewhere' })).toMatchObject({ reason: 'WRONG_LANE' });
  const list = await tool('dead-letters', 'list', '--reason', 'WRONG_LANE', '--json');
  const [letter] = JSON.parse(list.out) as [{ id: string }];
  expect((await tool('dead-letters', 'resubmit', letter.id, '--yes')).out).toMatch(
    /Outcome: charge \S+ \(posted\)/,
  );
  expect(await booksOf(db)).toMatchObject({ breaks: 0, doubled: 0 });
  await waitFor(async () => (await unpublished()) === 0);
}, 90_000);

/** How often the ledgers have started over from what the database says. */
async function faults(): Promise<number> {
  const counts = scene.fleet.of('ledger').map(async ({ process }) => {
    const text = await (await fetch(`${process.opsUrl}/metrics`)).text();
    return total(parseMetrics(text), 'b2b_ledger_faults_total', 'counter') ?? 0;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

const repartitionTo = (lanes: number, ...more: string[]) =>
  tool('lanes', 'repartition', '--to', String(lanes), ...more);

async function counts() {
  const { rows } = await scene.db.query(
    `SELECT (SELECT count(*) FROM ledger.transactions) AS transactions, (SELECT count(*) FROM ledger.dead_letters) AS dead,
       (SELECT count(*) FROM ledger.expirations) AS expired`,
  );
  return rows[0];
}

async function highestEpoch(): Promise<number> {
  const { rows } = await scene.db.query<{ epoch: number }>(
    'SELECT max(epoch)::int AS epoch FROM ledger.lanes',
  );
  return rows[0]!.epoch;
}

/** Transactions beyond what the lanes say is announced. */
async function unpublished(): Promise<number> {
  const { rows } = await scene.db.query<{ count: number }>(
    `SELECT count(*)::int FROM ledger.transactions t
     WHERE t.stream_seq > (SELECT max(published_seq) FROM ledger.lanes)`,
  );
  return rows[0]!.count;
}
