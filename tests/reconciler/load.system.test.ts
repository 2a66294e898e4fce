import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScene, type Scene } from './scene.ts';

const VENDORS = 12;
const CLIENTS = 48;
const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = stack.use(await openScene());
  for (let vendor = 1; vendor <= VENDORS; vendor++) await scene.open(vendor, '100000');
}, 60_000);
afterAll(() => stack.disposeAsync());

test('audits of a shop that sells at full speed give no false alarm', async () => {
  const ending = new AbortController();
  let sold = 0;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = 0; !ending.signal.aborted; n++) {
      const vendor = 1 + ((client + n) % VENDORS);
      // Some repeat a key, some are refused, some are given back.
      const messageId = n % 9 === 8 ? `c-${client}-${n - 1}` : `c-${client}-${n}`;
      const outcome = await scene.charge(vendor, messageId, n % 7 === 6 ? '99999999' : '10');
      sold++;
      if (n % 11 === 10 && outcome.outcome === 'posted') {
        const { transaction_id: id, vendor_id } = outcome.transaction;
        await scene.send(vendor_id, `r-${id}`, { type: 'reverse', transaction_id: id, reason: 'test' });
      }
    }
  });
  const audits: { rows: number; soldBefore: number; soldAfter: number }[] = [];
  try {
    for (let round = 0; round < 12; round++) {
      const soldBefore = sold;
      const { run, findings } = await scene.audit({ mode: round % 4 === 3 ? 'full' : 'incremental' });
      expect(findings).toEqual([]);
      expect(run.status).toBe('verified');
      audits.push({ rows: run.transactions_checked, soldBefore, soldAfter: sold });
    }
  } finally {
    ending.abort();
    await Promise.all(clients);
  }
  // The shop did go on selling under each audit, and the audits did have something to look at.
  expect(audits.filter(({ soldBefore, soldAfter }) => soldAfter > soldBefore).length).toBe(audits.length);
  expect(audits.filter(({ rows }) => rows > 0).length).toBe(audits.length);
  const last = await scene.audit({ mode: 'full' });
  expect(last.run).toMatchObject({ status: 'verified', vendors_checked: VENDORS });
}, 120_000);
