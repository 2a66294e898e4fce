import { expect, test } from 'vitest';
import { InTurn } from './in-turn.ts';

test('no more tasks run at once than allowed, and all are done at the end', async () => {
  const inTurn = new InTurn(2);
  let running = 0;
  let most = 0;
  let done = 0;
  for (let n = 0; n < 7; n++) {
    await inTurn.run(async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      done++;
    });
  }
  await inTurn.end();
  expect([most, done]).toEqual([2, 7]);
});

test('what a task throws reaches whoever brings the next, or the end', async () => {
  const inTurn = new InTurn(1);
  await inTurn.run(() => Promise.reject(new Error('first')));
  await expect(inTurn.run(async () => {})).rejects.toThrow('first');
  await inTurn.run(() => Promise.reject(new Error('last')));
  await expect(inTurn.end()).rejects.toThrow('last');
});
