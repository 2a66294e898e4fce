import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { UsageError } from './usage-error.ts';

/** Never from the command line, which every process of the machine may read: asked for twice, or one line of input. */
export async function readPassword(
  input: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>,
  output: Pick<WriteStream, 'write'>,
): Promise<string> {
  if (!input.isTTY) return firstLine(input);
  const password = await ask('Password: ', input, output);
  if (password !== (await ask('Once more: ', input, output))) throw new UsageError('the two differ');
  return password;
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  for await (const line of lines) return line;
  throw new UsageError('a password is expected on standard input');
}

/** Shows nothing of what is typed. */
function ask(
  question: string,
  input: NodeJS.ReadableStream,
  output: Pick<WriteStream, 'write'>,
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  output.write(question);
  return new Promise((resolve, reject) => {
    // Ctrl-C, or the end of the input; left open, the terminal would keep the process alive.
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new UsageError('nothing was done')));
    lines.question('', (answer) => {
      output.write('\n');
      resolve(answer);
      lines.close();
    });
  });
}
