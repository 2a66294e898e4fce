import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

/** A process that connects and does nothing else; it ends by itself, or is killed after 20 s. */
async function connecting(url: string) {
  const script = `import { connectNats } from '@b2b-charge/runtime';
    await connectNats({ user: 'gateway', url: '${url}', withinMs: 300 }).catch((error) => console.log(String(error)));`;
  const arguments_ = ['--input-type=module', '--eval', script];
  return run(process.execPath, arguments_, { cwd: import.meta.dirname, timeout: 20_000 });
}

test('who does not want to wait without end is told, and nothing keeps its process alive', async () => {
  const { stdout } = await connecting('127.0.0.1:1');
  expect(stdout).toBe('NatsAwayError: NATS does not answer within 300 ms\n');
}, 30_000);
