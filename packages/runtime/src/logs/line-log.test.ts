import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineLog } from './line-log.ts';
import { droppedLines } from './line-sink.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'line-log-'));
});
afterAll(() => rm(root, { recursive: true }));

const open = (name: string, options: { maxBytes?: number; keep?: number } = {}) =>
  new LineLog(name, { folder: path.join(root, name), maxBytes: 1_000_000_000, keep: 3, ...options });

const lines = async (name: string, file = `${name}.log`) =>
  (await readFile(path.join(root, name, file), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const numbers = async (name: string, file?: string) => (await lines(name, file)).map(({ number }) => number);
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test('every line arrives, in order, whatever is in it', async () => {
  {
    await using log = open('order');
    for (const number of upTo(5_000)) log.write(0, { number, text: 'line\nbreak \u2028 "ق"' });
  }
  expect(await numbers('order')).toEqual(upTo(5_000));
  expect((await lines('order'))[7]).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    log: 'order',
    number: 7,
    text: 'line\nbreak \u2028 "ق"',
  });
});

test('goes on in a new file after somebody else put the old one aside, or deleted it', async () => {
  await using log = open('moved');
  const file = path.join(root, 'moved', 'moved.log');
  log.write(0, { number: 0 });
  await expect.poll(() => numbers('moved')).toEqual([0]);
  await rename(file, `${file}.old`);
  await expect
    .poll(async () => {
      log.write(0, { number: 1 });
      return existsSync(file);
    })
    .toBe(true);
  await unlink(file);
  await expect
    .poll(async () => {
      log.write(0, { number: 2 });
      return existsSync(file) && (await numbers('moved')).includes(2);
    })
    .toBe(true);
  expect((await numbers('moved', 'moved.log.old'))[0]).toBe(0);
});

test('a file that has grown is put aside, so many are kept, and two writers lose nothing by it', async () => {
  const options = { maxBytes: 20_000, keep: 50 };
  {
    await using one = open('grown', options);
    await using other = open('grown', options);
    for (let round = 0; round < 20; round++) {
      for (let number = 0; number < 50; number++) {
        one.write(0, { writer: 'one', number: round * 50 + number });
        other.write(0, { writer: 'other', number: round * 50 + number });
      }
      const last = (round + 1) * 50 - 1;
      await expect
        .poll(
          async () => {
            const all = await allOf('grown');
            return all.filter(({ number }) => number === last).length;
          },
          { interval: 10 },
        )
        .toBe(2);
    }
  }
  const all = await allOf('grown');
  for (const name of ['one', 'other']) {
    const mine = all.filter(({ writer }) => writer === name).map(({ number }) => number);
    expect(mine.toSorted((a, b) => a - b)).toEqual(upTo(1_000));
  }
  const files = await readdir(path.join(root, 'grown'));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) expect((await stat(path.join(root, 'grown', file))).size).toBeLessThan(40_000);
});

test('no more files are kept than asked for', async () => {
  const log = open('kept', { maxBytes: 1_024, keep: 2 });
  for (let round = 0; round < 6; round++) {
    log.write(0, { round, filling: 'x'.repeat(1_100) });
    await expect
      .poll(async () => JSON.stringify(await allOf('kept')).includes(`"round":${round}`))
      .toBe(true);
  }
  await log[Symbol.asyncDispose]();
  expect((await readdir(path.join(root, 'kept'))).toSorted()).toEqual([
    'kept.log',
    'kept.log.1',
    'kept.log.2',
  ]);
});

test('a full disk: lines wait, up to a bound; then they are dropped, counted, and told of when there is room', async () => {
  const folder = path.join(root, 'full');
  await using log = open('full');
  const file = path.join(folder, 'full.log');
  await rm(file);
  await symlink('/dev/full', file);
  const filling = 'x'.repeat(10_000);
  const before = droppedLines();
  for (let number = 1; number <= 3_000; number++) log.write(0, { number, filling });
  const dropped = droppedLines() - before;
  expect(dropped).toBeGreaterThan(0);
  await unlink(file);
  await expect
    .poll(async () => existsSync(file) && (await lines('full')).some((line) => line.dropped_lines))
    .toBe(true);
  const written = await lines('full');
  expect(written.find((line) => line.dropped_lines).dropped_lines).toBe(dropped);
});

async function allOf(name: string) {
  const files = await readdir(path.join(root, name));
  const found = await Promise.all(
    files.filter((file) => !file.endsWith('.rotating')).map((file) => lines(name, file).catch(() => [])),
  );
  return found.flat();
}
