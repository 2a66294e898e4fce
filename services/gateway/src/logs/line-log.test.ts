import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineLog, maskPhone } from './line-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'line-log-'));
});
afterAll(() => rm(folder, { recursive: true }));

const lines = async (file: string) =>
  (await readFile(path.join(folder, file), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('every line arrives, in order, whatever is in it', async () => {
  {
    await using log = new LineLog('order', folder);
    for (let number = 0; number < 5_000; number++) log.write(0, { number, text: 'line\nbreak \u2028 "ق"' });
  }
  const written = await lines('order.log');
  expect(written.map(({ number }) => number)).toEqual(Array.from({ length: 5_000 }, (_, number) => number));
  expect(written[7]).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    log: 'order',
    number: 7,
    text: 'line\nbreak \u2028 "ق"',
  });
});

test('goes on in a new file after a rotation', async () => {
  await using log = new LineLog('rotated', folder);
  log.write(0, { number: 1 });
  await expect.poll(() => lines('rotated.log')).toHaveLength(1);
  await rename(path.join(folder, 'rotated.log'), path.join(folder, 'rotated.log.1'));
  await log.reopen();
  log.write(0, { number: 2 });
  await expect.poll(async () => (await lines('rotated.log')).map(({ number }) => number)).toEqual([2]);
  expect(await lines('rotated.log.1')).toHaveLength(1);
});

test('a masked phone number does not tell the number', () => {
  expect(maskPhone('+989123456789')).toBe('+98912***89');
});
