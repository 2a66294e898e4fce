import type { CheckName, Finding, Level } from '@b2b-charge/contracts';
import { testDatabase } from '@b2b-charge/stack';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { asOwner, openScene, type Scene } from '../scene.ts';
import { type BooksEditor, createBooksEditor } from './edit-books.ts';

/** Has charges, a rejected charge and a reversal. Vendor 2 has charges, vendor 3 has its credit alone. */
export const VENDOR = 1;

export interface Expected {
  readonly check: CheckName;
  readonly level?: Exclude<Level, 'VERIFIED'>;
  readonly vendor?: number | null;
  readonly message?: RegExp;
}

interface Beside {
  readonly redis: Redis;
  readonly namespace: string;
}

export interface TamperCase {
  readonly name: string;
  readonly edit: (editor: BooksEditor, beside: Beside) => Promise<unknown>;
  /** Each must be among the findings. Other findings about the same vendors are allowed. */
  readonly found: readonly Expected[];
  /** Vendors for which a fix must be offered; none unless given. */
  readonly fixable?: readonly number[];
  /** Full unless given: an incremental audit does not read old rows again. */
  readonly mode?: 'incremental' | 'full';
}

export const balanceOf = (namespace: string, vendor: number) => `${namespace}:balance:${vendor}`;

/** Sells, audits, sells on, and stops the ledger, so that the database can be copied for every case. */
export async function openSales(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const scene = stack.use(await openScene());
  for (const vendor of [1, 2, 3]) await scene.open(vendor, '1000000');
  for (let n = 1; n <= 4; n++) {
    await scene.charge(1, `early-${n}`, '5000');
    await scene.charge(2, `early-${n}`, '7000');
  }
  expect((await scene.audit()).run.status).toBe('verified');
  const charged = await scene.charge(1, 'to-reverse', '2500');
  if (charged.outcome !== 'posted') throw new Error('not charged');
  const { transaction_id: id } = charged.transaction;
  await scene.send(1, 'reverse-1', { type: 'reverse', transaction_id: id, reason: 'wrong number' });
  expect(await scene.charge(1, 'too-much', '99999999')).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
  await scene.send(4, 'nobody', { type: 'rebuild' }); // a dead letter
  for (let n = 1; n <= 4; n++) await scene.charge(1, `late-${n}`, '3000');
  await scene.charge(1, 'late-4', '3000'); // a repeat
  await scene.charge(1, 'late-4', '3001'); // a key used again
  await scene.closeShop();
  const clean = await scene.audit();
  expect(clean.findings).toEqual([]);
  expect(clean.run.status).toBe('verified');
  stack.move();
  return scene;
}

/** Declares the tests of a file: one scene, and a copy of its database for every case. */
export function tamperCases(cases: readonly TamperCase[]): void {
  const stack = new AsyncDisposableStack();
  let scene: Scene;
  let redis: Redis;

  beforeAll(async () => {
    scene = stack.use(await openSales());
    redis = stack.adopt(new Redis(inject('servers').redisUrl), async (client) => client.disconnect());
  }, 60_000);
  afterAll(() => stack.disposeAsync());

  test.each(cases)('$name', async ({ edit, found, fixable = [], mode = 'full' }) => {
    const { namespace } = scene.playground;
    const copies = await redis.hgetall(balanceOf(namespace, VENDOR));
    const offered: number[] = [];
    const { findings, run } = await auditEdited(scene, (editor) => edit(editor, { redis, namespace }), {
      mode,
      offered,
    }).finally(() => redis.hset(balanceOf(namespace, VENDOR), copies));
    expectFindings(findings, found);
    const touched = new Set([null, ...found.map(({ vendor }) => vendor ?? null)]);
    expect(findings.filter(({ vendor_id }) => !touched.has(vendor_id))).toEqual([]);
    expect(offered).toEqual(fixable);
    const critical = found.some(({ level }) => level !== 'MINOR_DISCREPANCY');
    expect(run.status).toBe(critical ? 'critical' : 'minor');
  });
}

interface EditedAudit {
  readonly mode: 'incremental' | 'full';
  readonly dryRun?: boolean;
  /** Gets the vendors for which a fix is offered. */
  readonly offered?: number[];
}

/** Edits a copy of the scene's database and audits it. */
export async function auditEdited(
  scene: Scene,
  edit: (editor: BooksEditor) => Promise<unknown>,
  { mode, dryRun = false, offered = [] }: EditedAudit,
) {
  await using copy = await testDatabase({
    ...inject('servers'),
    template: scene.playground.database.name,
  });
  await asOwner(copy.adminUrl, (client) => edit(createBooksEditor(client)));
  return await scene.audit({
    mode,
    dryRun,
    databaseUrl: copy.urls.reconciler,
    approveFix: async (vendors) => {
      offered.push(...vendors);
      return false;
    },
  });
}

export function expectFindings(findings: readonly Finding[], expected: readonly Expected[]): void {
  for (const { check, level = 'CRITICAL', vendor = null, message = /./ } of expected) {
    const like = findings.filter((one) => one.check === check && one.level === level);
    expect(like, JSON.stringify(findings, null, 1)).toContainEqual(
      expect.objectContaining({ vendor_id: vendor, message: expect.stringMatching(message) }),
    );
  }
}
