import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { freePort } from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

const MAIN = path.join(import.meta.dirname, '../../services/gateway/src/main.ts');
const CLIENTS = 40;
const SALES = 400;

let system: System;
const children: ChildProcess[] = [];
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await system?.[Symbol.asyncDispose]();
});

/** A gateway in a process of its own, which can be killed. */
async function spawnGateway(): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    ...system.base.playground.environment('gateway', { PORT: String(port), LOG_DIR: system.logDir }),
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        new Caller(url).get('/api/health/').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 15_000 },
    )
    .toBe(200);
  return { child, url };
}

/** What a till does: the same key, to whichever gateway answers, until there is an outcome. */
async function sellUntilKnown(callers: Caller[], amount: number, key: string): Promise<Answer> {
  const sale = { phone_number: '+989123456789', amount };
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await callers[attempt % callers.length]!.sell(sale, key).catch(() => null);
    if (answer && answer.status !== 503 && answer.status !== 202) return answer;
  }
  throw new Error(`${key} has no outcome`);
}

test('one of two gateways is killed mid-flight: every client learns its one outcome by repeating', async () => {
  const [one, two] = [await spawnGateway(), await spawnGateway()];
  const { api, token } = await system.vendor({ balance: '100000.00' });
  const callers = [new Caller(one.url, token), new Caller(two.url, token)];
  const outcomes = new Map<string, Answer>();
  let next = 0;
  let tally = 0;
  const client = async () => {
    for (let sale = next++; sale < SALES; sale = next++) {
      if (sale === SALES / 2) one.child.kill('SIGKILL');
      const amount = 1 + (sale % 500);
      const answer = await sellUntilKnown(callers, amount, `sale-${sale}`);
      outcomes.set(`sale-${sale}`, answer);
      if (answer.status === 200) tally += amount;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(one.child.killed).toBe(true);
  expect(outcomes.size).toBe(SALES);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(100_000 - tally);
  for (const [key, outcome] of outcomes) {
    expect(outcome.status).toBe(200);
    const found = await api.get(`/api/charges/by-key/${key}/`);
    expect(found.data.transaction_id).toBe(outcome.data.transaction_id);
  }
  const { rows } = await system.base.playground.sql(
    `SELECT count(*)::int AS count FROM ledger.transactions WHERE type = 'charge'`,
  );
  expect(rows[0].count).toBe(SALES);
});
