import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readPassword } from './read-password.ts';

/** A terminal at which somebody answers each question by these keys, and then no more. */
function typing(...answers: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true as const });
  const shown: string[] = [];
  const output = {
    write: (text: string) => {
      shown.push(text);
      if (text.endsWith(': ')) setImmediate(() => input.write(answers.shift() ?? '\x04'));
      return true;
    },
  };
  return { password: readPassword(input, output), shown };
}

describe('a password at a terminal', () => {
  test('is asked for twice, and never shown', async () => {
    const { password, shown } = typing('a long secret\r', 'a long secret\r');
    expect(await password).toBe('a long secret');
    expect(shown.join('')).toBe('Password: \nOnce more: \n');
  });

  test('is none if the two differ', async () => {
    await expect(typing('a long secret\r', 'another secret\r').password).rejects.toThrow('the two differ');
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s ends the asking', async (_name, key) => {
    await expect(typing('a long secret\r', key).password).rejects.toThrow('nothing was done');
  });
});
