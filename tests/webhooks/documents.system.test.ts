import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { type Shop, startShop } from './shop.ts';

const PAGE = path.join(import.meta.dirname, '../../docs/webhooks.md');

let shop: Shop;
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  shop = await startShop();
  folder = await mkdtemp(path.join(tmpdir(), 'receivers-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
  await shop?.[Symbol.asyncDispose]();
});

function hasPython(): boolean {
  try {
    return (
      Number(execFileSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 9))']).length) > 0
    );
  } catch {
    return false;
  }
}

/** The program that stands in the page, as it stands there. */
async function programIn(language: 'js' | 'python'): Promise<string> {
  const text = await readFile(PAGE, 'utf8');
  const [, program] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text) ?? [];
  if (!program) throw new Error(`no ${language} in ${PAGE}`);
  const file = path.join(folder, language === 'js' ? 'receiver.mjs' : 'receiver.py');
  await writeFile(file, program);
  return file;
}

const receivers = [
  ['js', process.execPath] as const,
  ...(hasPython() ? [['python', 'python3'] as const] : []),
];

test.each(receivers)(
  'the receiver in %s takes what is sent, once, and refuses what is forged',
  async (language, run) => {
    const port = await freePort();
    const vendor = await shop.vendor();
    const hook = await shop.hook(vendor, `http://127.0.0.1:${port}/hook`, ['charge-posted']);
    const env = { PATH: process.env.PATH, WEBHOOK_SECRET: hook.secret, PORT: String(port) };
    const child = spawn(run, [await programIn(language)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let told = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await waitFor(() => told.includes('listening'));
    const [first, second] = await shop.sell(vendor, 2);
    await shop.settled(hook, 2);
    await waitFor(() => told.includes(second!));
    expect(told).toBe(`listening\ncharge-posted ${first} 1.00\ncharge-posted ${second} 1.00\n`);

    const forged = await fetch(`http://127.0.0.1:${port}/hook`, {
      method: 'POST',
      headers: {
        'webhook-id': 'x',
        'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
        'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
      },
      body: '{"type":"charge-posted","data":{}}',
    });
    expect(forged.status).toBe(401);
  },
);
