import { DeadLetterError, InvalidCommandError } from '@b2b-charge/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { charge, PHONE, type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await scene.open([1, 2], '100.00');
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const sale = { vendorId: 1, messageId: 'order-1', phoneNumber: PHONE, amount: '60.00' };

test('a sale resolves to its outcome, a repeat to the same, a refusal to a refusal', async () => {
  const { client } = scene;
  const first = await client.sell(sale);
  expect(first).toMatchObject({ outcome: 'posted', replayed: false, transaction: { amount: '60.00' } });
  expect(await client.sell(sale)).toEqual({ ...first, replayed: true });
  expect(await client.sell({ ...sale, messageId: 'order-2' })).toMatchObject({
    outcome: 'rejected',
    code: 'INSUFFICIENT_BALANCE',
  });
});

test.each([
  ['vendorId', { vendorId: 0 }],
  ['messageId', { messageId: ' spaced' }],
  ['phone_number', { phoneNumber: '0912' }],
  ['amount', { amount: '1.001' }],
  ['amount', { amount: '0' }],
])('a bad %s is refused before anything is published', async (field, change) => {
  const sold = scene.client.sell({ ...sale, ...change });
  await expect(sold).rejects.toBeInstanceOf(InvalidCommandError);
  await expect(sold).rejects.toThrow(field);
});

test('a sale for a vendor that does not exist is a dead letter, and says so', async () => {
  const sold = scene.client.sell({ ...sale, vendorId: 999 });
  await expect(sold).rejects.toBeInstanceOf(DeadLetterError);
  await expect(sold).rejects.toMatchObject({ reason: 'UNKNOWN_VENDOR' });
});

test('bulk: never more than the window is read ahead, and every command has its result', async () => {
  const { client } = scene;
  const window = 8;
  let read = 0;
  let taken = 0;
  let furthest = 0;
  function* source() {
    for (; read < 100; ) yield charge(2, `bulk-${read++}`, '2.00');
  }
  const outcomes: string[] = [];
  for await (const { outcome } of client.sendAll(source(), { window })) {
    furthest = Math.max(furthest, read - taken++);
    outcomes.push(outcome!.outcome);
  }
  expect(furthest).toBeLessThanOrEqual(window);
  expect(furthest).toBeGreaterThan(1);
  expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(50);
  expect(outcomes.filter((outcome) => outcome === 'rejected')).toHaveLength(50);
});

test('bulk: a source that fails does so after everything sent is told', async () => {
  async function* source() {
    yield charge(2, 'before-1', '1000.00');
    yield charge(2, 'before-2', '1000.00');
    throw new Error('the file ends here');
  }
  const told: string[] = [];
  const run = async () => {
    for await (const { command } of scene.client.sendAll(source())) told.push(command.messageId);
  };
  await expect(run()).rejects.toThrow('the file ends here');
  expect(told.toSorted()).toEqual(['before-1', 'before-2']);
});

test('bulk: who stops taking results ends the reading', async () => {
  let closed = false;
  function* source() {
    try {
      for (let n = 0; ; n++) yield charge(2, `endless-${n}`, '1000.00');
    } finally {
      closed = true;
    }
  }
  for await (const _ of scene.client.sendAll(source(), { window: 4 })) break;
  expect(closed).toBe(true);
});
