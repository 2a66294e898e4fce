import { expect, test } from 'vitest';
import { Gathered } from './gathered.ts';

function asked() {
  const answers: PromiseWithResolvers<number>[] = [];
  const gathered = new Gathered(() => {
    const answer = Promise.withResolvers<number>();
    answers.push(answer);
    return answer.promise;
  });
  return { gathered, answers };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('who comes while a question is under way gets the answer of the next one, with all who came meanwhile', async () => {
  const { gathered, answers } = asked();
  const first = gathered.ask();
  await settled();
  const [second, third] = [gathered.ask(), gathered.ask()];
  await settled();
  expect(answers).toHaveLength(1);
  answers[0]!.resolve(1);
  expect(await first).toBe(1);
  await settled();
  expect(answers).toHaveLength(2);
  answers[1]!.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
});

test('who comes together shares a question, and one that fails does not spoil the next', async () => {
  const { gathered, answers } = asked();
  const together = Promise.allSettled([gathered.ask(), gathered.ask()]);
  await settled();
  const later = gathered.ask();
  answers[0]!.reject(new Error('away'));
  expect((await together).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await settled();
  answers[1]!.resolve(2);
  expect(await later).toBe(2);
});
