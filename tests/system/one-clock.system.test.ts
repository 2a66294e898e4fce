import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { createPlayground, waitFor } from '../harness.ts';

const WITHIN_MS = 2_000;

/** Set by scripts/test-under-clock.ts. */
const SHIFT_MS = -1_000 * Number(process.env.DATEFUDGE ?? 0);

async function askDatabase(): Promise<number> {
  const client = new pg.Client({ connectionString: inject('servers').postgresUrl });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT clock_timestamp() AS now');
    return rows[0].now.getTime();
  } finally {
    await client.end();
  }
}

async function askChild(): Promise<number> {
  const child = spawn(process.execPath, ['-p', 'Date.now()'], { env: {} });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return Number(said);
}

it.each([
  ['PostgreSQL', askDatabase],
  ['a process started with an environment of its own', askChild],
])('%s has the clock of the tests', async (_name, ask) => {
  const before = Date.now();
  const now = await ask();
  expect(now).toBeGreaterThan(before - WITHIN_MS);
  expect(now).toBeLessThan(Date.now() + WITHIN_MS);
});

it('NATS has the clock of the tests, as a client reads and gives its times', async () => {
  await using playground = await createPlayground();
  const { nc, subjects } = playground;
  const js = jetstream(nc);
  const publish = () => js.publish(subjects.event(1, 'charge-posted'), 'x');
  const stream = subjects.streams.events;
  const before = Date.now();
  const { seq } = await publish();
  const first = await (await jetstreamManager(nc)).streams.getMessage(stream, { seq });
  const atMs = first!.time.getTime();
  expect(atMs).toBeGreaterThan(before - WITHIN_MS);
  expect(atMs).toBeLessThan(Date.now() + WITHIN_MS);
  await waitFor(() => Date.now() > before + 5);
  const second = await publish();
  const start = new Date(atMs + 1).toISOString();
  const read = await (await js.consumers.get(stream, { opt_start_time: start })).next();
  expect(read?.seq).toBe(second.seq);
  expect(read!.time.getTime()).toBeGreaterThan(atMs);
  expect(read!.time.getTime()).toBeLessThan(Date.now() + WITHIN_MS);
});

it('the clock of the tests differs from the kernel’s, which dates files, by what was asked for', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-clock-'));
  const { mtimeMs } = statSync(folder);
  rmSync(folder, { recursive: true });
  expect(Math.abs(Date.now() - mtimeMs - SHIFT_MS)).toBeLessThan(WITHIN_MS);
});
