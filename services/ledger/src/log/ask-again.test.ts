import { TimeoutError } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askAgain } from './ask-again.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a question that is not answered is asked again, and the first answer counts', async () => {
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let asked = 0;
  const answer = askAgain(() => answers[asked++]!.promise);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toBe(2);
  answers[1]!.resolve('the second');
  expect(await answer).toBe('the second');
  answers[0]!.reject(new TimeoutError());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(2);
});

test('without any answer it gives up', async () => {
  let asked = 0;
  const answer = askAgain(() => {
    asked++;
    return Promise.reject(new TimeoutError());
  });
  const refused = expect(answer).rejects.toThrow(TimeoutError);
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  expect(asked).toBe(5);
});

test('an error is an answer', async () => {
  let asked = 0;
  const answer = askAgain(() => {
    asked++;
    return Promise.reject(new Error('no such stream'));
  });
  await expect(answer).rejects.toThrow('no such stream');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(1);
});
