import { randomBytes } from 'node:crypto';
import { testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { abort, convert, dropOld, estimateMs } from '../../scripts/partition/convert.ts';
import { readState } from '../../scripts/partition/state.ts';
import { waitFor } from '../harness.ts';
import { openScene, type Scene } from '../reconciler/scene.ts';
import { runTool } from '../run-tool.ts';

const VENDORS = 6;
const PARTITIONS = 4;
const silent = { partitions: PARTITIONS, progress: () => {} };
const stack = new AsyncDisposableStack();
let scene: Scene;
let owner: pg.Client;

beforeAll(async () => {
  scene = stack.use(await openScene());
  owner = new pg.Client({ connectionString: scene.playground.database.adminUrl });
  await owner.connect();
  stack.defer(() => owner.end());
  for (let vendor = 1; vendor <= VENDORS; vendor++) await scene.open(vendor, '100000');
}, 60_000);
afterAll(() => stack.disposeAsync());

/** What guards the table and who may do what with it, and with the views over it. */
async function rules() {
  const ask = async (text: string) => (await owner.query(text)).rows;
  return {
    constraints: await ask(
      `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
       WHERE conrelid = 'ledger.transactions'::regclass AND contype IN ('p', 'u', 'c', 'n') ORDER BY conname`,
    ),
    indexes: await ask(
      `SELECT indexrelid::regclass::text AS name, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') AS definition
       FROM pg_index WHERE indrelid = 'ledger.transactions'::regclass ORDER BY 1`,
    ),
    triggers: await ask(
      `SELECT pg_get_triggerdef(oid) AS definition, tgenabled FROM pg_trigger
       WHERE tgrelid = 'ledger.transactions'::regclass AND NOT tgisinternal ORDER BY tgname`,
    ),
    grants: await ask(
      `SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
       WHERE table_schema = 'ledger' AND table_name NOT LIKE 'transactions\\_p%' ORDER BY 1, 2, 3`,
    ),
    views: await ask(
      `SELECT viewname, definition FROM pg_views WHERE schemaname = 'ledger' ORDER BY viewname`,
    ),
    functions: await ask(
      `SELECT proname, proacl::text, pg_get_functiondef(oid) AS definition FROM pg_proc
       WHERE pronamespace = 'ledger'::regnamespace ORDER BY proname`,
    ),
    columns: await ask(
      `SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull, col_description(attrelid, attnum) AS comment
       FROM pg_attribute WHERE attrelid = 'ledger.transactions'::regclass AND attnum > 0 ORDER BY attnum`,
    ),
  };
}

/** Sells for all vendors until stopped; every outcome is kept. */
function sell(prefix: string) {
  const sold = new Map<string, string>();
  const ending = new AbortController();
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let n = 0; !ending.signal.aborted; n++) {
      const vendor = 1 + ((client + n) % VENDORS);
      const outcome = await scene.charge(vendor, `${prefix}-${client}-${n}`, '1');
      if (outcome.outcome !== 'posted') throw new Error(`not posted: ${JSON.stringify(outcome)}`);
      sold.set(`${vendor}/${prefix}-${client}-${n}`, outcome.transaction.id);
    }
  });
  return {
    sold,
    stop: async () => {
      ending.abort();
      await Promise.all(clients);
    },
  };
}

describe('one table made into partitions', () => {
  it('a dry run tells the time and leaves nothing', async () => {
    expect(await estimateMs(owner, await readState(owner), PARTITIONS)).toBeGreaterThan(0);
    expect(await readState(owner)).toMatchObject({ partitions: 0, progress: null });
  });

  it('whoever reads from an older snapshot is waited for, and named: nothing is changed, the sales go on', async () => {
    const reader = new pg.Client({
      connectionString: scene.playground.database.urls.reconciler,
      application_name: 'an audit',
    });
    await reader.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT count(*) FROM ledger.vendors');
    const waiting = sell('waiting');
    await waitFor(() => waiting.sold.size > 20);
    await expect(convert(owner, silent)).rejects.toThrow(/an audit \(\d+\) reads from an older snapshot/);
    const before = waiting.sold.size;
    await waitFor(() => waiting.sold.size > before + 20);
    await waiting.stop();
    await reader.end();
    expect(await readState(owner)).toMatchObject({ partitions: 0, progress: { partitions: PARTITIONS } });
    await abort(owner);
    expect(await readState(owner)).toMatchObject({ progress: null });
  });

  it('an audit that runs, wherever it reads, is waited for, and named', async () => {
    await owner.query(
      "INSERT INTO reconciler.runs (mode, trigger, started_by, fence) VALUES ('full', 'test', 'auditor-7', 1)",
    );
    await expect(convert(owner, { ...silent, auditsWithinMs: 100 })).rejects.toThrow(
      /^audit \d+, begun by auditor-7, runs/,
    );
    await owner.query("UPDATE reconciler.runs SET status = 'failed', finished_at = now(), error = 'test'");
    await abort(owner);
  });

  it('while everybody sells, killed once: no sale fails, nothing is lost or doubled, every rule holds as before', async () => {
    // Functions are everybody's unless somebody says otherwise; somebody may have.
    await owner.query(`REVOKE ALL ON FUNCTION ledger.canonical_text FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ledger.canonical_text TO b2b_ledger, b2b_reconciler`);
    const before = await rules();
    const shop = sell('during');
    await waitFor(() => shop.sold.size > 50);
    const killed = () => {
      throw new Error('killed');
    };
    await expect(convert(owner, { ...silent, progress: killed })).rejects.toThrow('killed');
    const { rows, vendors } = await convert(owner, silent);
    const then = shop.sold.size;
    await waitFor(() => shop.sold.size > then + 100);
    await shop.stop();
    expect(vendors).toBe(VENDORS);
    expect(rows).toBeGreaterThanOrEqual(then);
    expect(await readState(owner)).toMatchObject({ partitions: PARTITIONS, progress: null });
    expect(await rules()).toEqual(before);
    for (const [key, id] of [...shop.sold].filter((_, index) => index % 10 === 0)) {
      const [vendor, messageId] = key.split('/');
      const again = await scene.charge(Number(vendor), messageId!, '1');
      expect(again).toMatchObject({ transaction: { id } });
    }
    const found = await owner.query('SELECT count(*)::int AS rows FROM ledger.chain_breaks');
    expect(found.rows).toEqual([{ rows: 0 }]);
    const { run, findings } = await scene.audit({ mode: 'full' });
    expect(findings).toEqual([]);
    expect(run.status).toBe('verified');
  });

  it('the table of before is kept, to be removed when everybody is content', async () => {
    await dropOld(owner);
    await expect(dropOld(owner)).rejects.toThrow(/no table of before/);
    await expect(convert(owner, silent)).rejects.toThrow(/4 partitions already/);
  });

  it('an audit misses a guard that is switched off on one partition only', async () => {
    await owner.query('ALTER TABLE ledger.transactions_p02 DISABLE TRIGGER append_only');
    const { findings } = await scene.audit({ mode: 'full' });
    expect(findings.map(({ message }) => message)).toEqual([
      'the database no longer guards ledger.transactions by append_only',
    ]);
  });
});

describe('npm run partition', () => {
  let url: string;
  beforeAll(async () => {
    url = stack.use(await testDatabase(inject('servers'))).adminUrl;
  });

  const run = async (args: readonly string[], env: Record<string, string> = { DATABASE_URL: url }) => {
    const { status, stdout, stderr } = await runTool('scripts/partition-cli.ts', args, { env });
    return { code: status, said: status === 0 ? stdout : stderr };
  };

  it.each<[string[], RegExp]>([
    [['--partitions', '1'], /^--partitions 1: not a number from 2 to 256/],
    [['--partitions', '2.5'], /^--partitions: a whole number/],
    [['--parts', '4'], /^Unknown option '--parts'/],
    [['--drop-old'], /^there is no table of before/],
  ])('refuses %j with a sentence', async (args, said) => {
    const answer = await run(args);
    expect(answer.said).toMatch(said);
    expect(answer.code).toBe(2);
  });

  it('refuses without a database, and as a role that does not own it', async () => {
    expect(await run([], {})).toMatchObject({
      code: 2,
      said: expect.stringMatching(/^DATABASE_URL is missing/),
    });
    const ledger = scene.playground.database.urls.ledger;
    expect(await run([], { DATABASE_URL: ledger })).toMatchObject({
      code: 2,
      said: expect.stringMatching(/another role’s/),
    });
  });

  it('refuses as an owner to whom the others’ sessions are hidden', async () => {
    const name = `owner_${randomBytes(6).toString('hex')}`;
    const { user } = (await owner.query('SELECT quote_ident(current_user) AS user')).rows[0];
    await owner.query(`CREATE ROLE ${name}; GRANT ${user} TO ${name}; SET SESSION AUTHORIZATION ${name}`);
    try {
      await expect(readState(owner)).rejects.toThrow(/pg_read_all_stats/);
    } finally {
      await owner.query(`RESET SESSION AUTHORIZATION; DROP ROLE ${name}`);
    }
  });

  it('tells beforehand, does it, and refuses to do it twice', async () => {
    expect((await run(['--dry-run'])).said).toMatch(
      /^16 partitions would take about [\d.]+ s; nothing was changed$/m,
    );
    expect((await run(['--partitions', '3'])).said).toMatch(
      /^3 partitions: 0 transactions, the chains of 0 vendors/m,
    );
    expect((await run(['--partitions', '3'])).said).toMatch(/^ledger.transactions has 3 partitions already/);
    expect((await run(['--drop-old'])).said).toMatch(/^the table of before is removed/);
  });
});
